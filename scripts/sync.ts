// Keeps many clusters as their sync sets say; see `--help`.

import { enter } from './enter.ts';

await enter('sync');
