// A task file as a whole: what is none, what is kept with its tasks, and what is only warned about.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import { HoistError } from '../../../scripts/base/errors.ts';
import { parseTaskFile, readTaskFile } from '../../../scripts/tasks/file/read.ts';

const reading = suite('tasks: reading a file');

const parse = (text: string) => parseTaskFile(text, 't.yaml', '/w/t.yaml');
const refusal = (text: string): Promise<string> => failureOf(parse(text));

reading('what is no mapping is no task file; what is no YAML has its place', async () => {
  for (const text of ['', '# nothing\n', 'text', '[a]', '3', 'null'])
    assert.match(await refusal(text), 't.yaml:1:1: is no task file: it must be a mapping with the key "tasks"', text);
  assert.match(await refusal('tasks: [a\nb: {'), /^t\.yaml:\d+:\d+: /);
  // One problem alone, where it begins.
  assert.match(await refusal('tasks: "a\\qb"\n'), /^t\.yaml:1:10: .*escape/);
});

reading('includes are names with a path or URL, all that are wrong at once', async () => {
  const { includes } = await parse('includes: [{a: x.yaml}, {b: "https://x/y"}]\ntasks: []\n');
  assert.equal(
    includes.map(({ key, location }) => `${key} ${location.value}`),
    ['a x.yaml', 'b https://x/y'],
  );
  const wrong = await refusal('includes: [text, {a: x, b: y}, {c: ""}, {d: [e]}]\ntasks: []\n');
  assert.is(wrong.match(/an include must be a mapping of one name to a path or URL/g)?.length, 2);
  assert.match(wrong, 'include "c" must be a path or URL');
  assert.match(wrong, 'include "d" must be a path or URL');
  assert.match(await refusal('includes: [text]\ntasks: []\n'), 't.yaml:1:12: an include must be a mapping');
});

reading('of two tasks of one name the first counts, with a warning; problems stay with their task', async () => {
  const { tasks, warnings } = await parse(
    'tasks: [{name: a, description: one}, {name: a, description: two}, {name: b, once: maybe, odd: 1}]\n',
  );
  assert.equal(
    [...tasks.values()].map(({ name, description }) => `${name} ${description}`),
    ['a one', 'b undefined'],
  );
  assert.equal(
    warnings.map(({ message }) => message),
    ['task "a" is defined twice; the first one counts', 'unknown key "odd" in a task; it has no effect'],
  );
  assert.equal(
    [...tasks.values()].map(({ problems }) => problems.length),
    [0, 1],
  );
});

reading('variables, inputs and flags as they are written', async () => {
  const { variables, tasks } =
    await parse(`variables: [{name: V, default: 1.10, pattern: "^1", description: d, prompt: true, sensitive: true}, {name: W}]
tasks: [{name: t, once: true, internal: true, envPath: .env, inputs: {a: {default: "", required: true, deprecatedMessage: old}, b: {}}}]
`);
  const [first, second] = variables;
  assert.equal(
    [first?.default, first?.pattern?.value, first?.description, first?.prompt, first?.sensitive],
    ['1.10', '^1', 'd', true, true],
  );
  assert.equal(
    [second?.default, second?.pattern, second?.prompt, second?.sensitive],
    [undefined, undefined, false, false],
  );
  const task = tasks.get('t');
  assert.equal([task?.once, task?.internal, task?.envPath?.value], [true, true, '.env']);
  const [a, b] = [...(task?.inputs.values() ?? [])];
  assert.equal([a?.default?.value, a?.required, a?.deprecatedMessage], ['', true, 'old']);
  assert.equal([b?.default, b?.required, b?.deprecatedMessage], [undefined, false, undefined]);
});

reading('a file that cannot be read, or is too large, is named with what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-read-'));
  const read = (name: string): Promise<string> =>
    readTaskFile(join(folder, name), name).then(
      () => '',
      (error: unknown) => (error instanceof HoistError ? `${error.message} ${error.hint}` : ''),
    );
  try {
    assert.match(await read('none.yaml'), /^none\.yaml: cannot be read: .*A task file is chosen with --file/s);
    const limit = 4 * 1024 * 1024;
    writeFileSync(join(folder, 'large.yaml'), `tasks: []\n#${'x'.repeat(limit - 11)}`);
    assert.is(await read('large.yaml'), '');
    writeFileSync(join(folder, 'large.yaml'), `tasks: []\n#${'x'.repeat(limit - 10)}`);
    assert.match(await read('large.yaml'), `it has ${limit + 1} bytes, more than ${limit}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

reading.run();
