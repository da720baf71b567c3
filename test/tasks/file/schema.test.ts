// The schema in config/schema is the one that the table of keys makes, and knows every key of the example.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTaskFile } from '../../../scripts/tasks/file/read.ts';
import { type ObjectName, keys } from '../../../scripts/tasks/file/keys.ts';
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

/** The keys that task files of maru have, by its own schema. */
const MARU: Readonly<Partial<Record<ObjectName, string>>> = {
  file: 'includes variables tasks',
  variable: 'name description default pattern prompt',
  task: 'name description inputs envPath actions',
  input: 'description default required deprecatedMessage',
  action: 'description cmd task wait with if env dir shell mute setVariables maxRetries maxTotalSeconds',
  setVariable: 'name pattern',
  shell: 'linux darwin windows',
  wait: 'cluster network',
  waitCluster: 'kind name namespace condition',
  waitNetwork: 'protocol address code',
};

schema('a misspelling is an error for each key that is not one of maru, and a warning for those of maru', () => {
  for (const [name, theirs] of Object.entries(MARU) as [ObjectName, string][]) {
    const own = Object.entries(keys[name]).filter(([, { ours }]) => ours);
    assert.equal(
      own.map(([key]) => key).sort(),
      Object.keys(keys[name])
        .filter((key) => !theirs.split(' ').includes(key))
        .sort(),
      name,
    );
  }
});

schema.run();
