// Runs tasks of a task file; `--help` tells how.

import { enter } from './enter.ts';

await enter('run');
