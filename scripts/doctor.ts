// Looks at what `up` needs; see `--help`.

import { enter } from './enter.ts';

await enter('doctor');
