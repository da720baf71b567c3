// Collects a support bundle; see `--help`.

import { enter } from './enter.ts';

await enter('collect');
