// Stops a cluster; `--help` tells how.

import { enter } from './enter.ts';

await enter('stop');
