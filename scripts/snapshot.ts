// Keeps and restores what clusters hold; `--help` tells how.

import { enter } from './enter.ts';

await enter('snapshot');
