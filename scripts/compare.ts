// Compares runs in the benchmark log; see `--help`.

import { enter } from './enter.ts';

await enter('compare');
