// Removes clusters; `--help` tells how.

import { enter } from './enter.ts';

await enter('down');
