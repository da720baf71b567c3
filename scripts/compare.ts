// Compares runs in the benchmark log; `--help` tells how.

import { enter } from './enter.ts';

await enter('compare');
