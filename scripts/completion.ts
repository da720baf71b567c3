// Prints a completion script for a shell; see `--help`.

import { enter } from './enter.ts';

await enter('completion');
