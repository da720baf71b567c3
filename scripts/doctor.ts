// Looks at what `up` needs; `--help` tells how.

import { enter } from './enter.ts';

await enter('doctor');
