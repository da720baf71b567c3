// Packs what `up` needs into one file for machines without a network; see `--help`.

import { enter } from './enter.ts';

await enter('bundle');
