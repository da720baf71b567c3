// Starts a stopped cluster; see `--help`.

import { enter } from './enter.ts';

await enter('start');
