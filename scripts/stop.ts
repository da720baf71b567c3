// Stops a cluster; see `--help`.

import { enter } from './enter.ts';

await enter('stop');
