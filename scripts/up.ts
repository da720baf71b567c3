// Brings a cluster up; `--help` tells how.

import { enter } from './enter.ts';

await enter('up');
