// Shows clusters; see `--help`.

import { enter } from './enter.ts';

await enter('diff');
