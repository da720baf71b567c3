// Shows clusters; `--help` tells how.

import { enter } from './enter.ts';

await enter('status');
