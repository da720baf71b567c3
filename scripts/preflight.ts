// Checks whether a cluster is fit for what is to be installed; `--help` tells how.

import { enter } from './enter.ts';

await enter('preflight');
