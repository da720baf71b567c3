// The schema in config/schema is the one that the table of keys makes, and knows every key of the example.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTaskFile } from '../../../scripts/tasks/file/read.ts';
import { taskFileSchema } from '../../../scripts/tasks/file/schema.ts';

const schema = suite('tasks: schema');
const path = (file: string): string => new URL(`../../../${file}`, import.meta.url).pathname;

schema('config/schema/tasks.schema.json is what the table generates', () => {
  const file = readFileSync(path('config/schema/tasks.schema.json'), 'utf8');
  assert.is(file, `${JSON.stringify(taskFileSchema(), null, 2)}\n`, 'run `npm run schema`');
});

schema('the example has no problems and no warnings', async () => {
  const file = await readTaskFile(path('examples/tasks.yaml'), 'examples/tasks.yaml');
  assert.equal(file.warnings, []);
  for (const task of file.tasks.values()) assert.equal(task.problems, []);
});

schema.run();
