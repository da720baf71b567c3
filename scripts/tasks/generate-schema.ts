// Writes config/schema/tasks.schema.json from the table of keys: `npm run schema`.

import { writeFileSync } from 'node:fs';
import { taskFileSchema } from './file/schema.ts';

const target = new URL('../../config/schema/tasks.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(taskFileSchema(), null, 2)}\n`);
