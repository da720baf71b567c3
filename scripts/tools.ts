// Lists, fetches and prunes tools; `--help` tells how.

import { enter } from './enter.ts';

await enter('tools');
