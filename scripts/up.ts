// Brings a cluster up; see `--help`.

import { enter } from './enter.ts';

await enter('up');
