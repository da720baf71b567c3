// Checks whether a cluster is fit for what is to be installed; see `--help`.

import { enter } from './enter.ts';

await enter('preflight');
