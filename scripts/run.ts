// Runs tasks of a task file; see `--help`.

import { enter } from './enter.ts';

await enter('run');
