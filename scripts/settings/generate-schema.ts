// Writes config/schema/cluster.schema.json from the settings' schema: `npm run schema`.

import { writeFileSync } from 'node:fs';
import { jsonSchema } from './schema.ts';

const target = new URL('../../config/schema/cluster.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
