// Prints a completion script for a shell; `--help` tells how.

import { enter } from './enter.ts';

await enter('completion');
