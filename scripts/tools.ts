// Lists, fetches and prunes tools; see `--help`.

import { enter } from './enter.ts';

await enter('tools');
