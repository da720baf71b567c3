// Collects a support bundle; `--help` tells how.

import { enter } from './enter.ts';

await enter('collect');
