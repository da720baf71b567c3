// Starts a stopped cluster; `--help` tells how.

import { enter } from './enter.ts';

await enter('start');
