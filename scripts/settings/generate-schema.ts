// Writes config/schema/cluster.schema.json and the README's table from the settings' schema: `npm run schema`.

import { readFileSync, writeFileSync } from 'node:fs';
import { jsonSchema } from './schema.ts';
import { withSettingsTable } from './settings-table.ts';

const root = new URL('../../', import.meta.url);
writeFileSync(new URL('config/schema/cluster.schema.json', root), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
const readme = new URL('README.md', root);
writeFileSync(readme, withSettingsTable(readFileSync(readme, 'utf8')));
