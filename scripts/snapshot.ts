// Keeps and restores what clusters hold; `--help` says how.

import { enter } from './enter.ts';

await enter('snapshot');
