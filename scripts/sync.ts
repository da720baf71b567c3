// Keeps many clusters as their sync sets say; `--help` tells how.

import { enter } from './enter.ts';

await enter('sync');
