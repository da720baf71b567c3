// Values that variables have before anything runs: which source wins, and which values their patterns refuse.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTaskFile } from '../../../scripts/tasks/file/read.ts';
import { Declarations, presetsOf } from '../../../scripts/tasks/variables/presets.ts';
import { type World, createWorld, refusal } from '../world.ts';

const presets = suite<World>('tasks: values of variables');

presets.before.each((context) => void Object.assign(context, createWorld()));
presets.after.each((context) => context.close());

const text = (variable: string): string =>
  `variables: [${variable}]\ntasks: [{name: default, actions: [{cmd: 'echo "[$V]"'}]}]\n`;

presets(
  '--set wins over MARU_, that over UDS_, that over the default; an empty one of the environment is none',
  async ({ run }) => {
    const PATH = process.env['PATH'];
    const got = async (env: Record<string, string>, set: [string, string][] = []): Promise<string> =>
      (await run(text('{name: V, default: d}'), { env: { PATH, ...env }, set: new Map(set) })).stdout.trim();
    assert.is(await got({}), '[d]');
    assert.is(await got({ UDS_V: 'u' }), '[u]');
    assert.is(await got({ UDS_V: 'u', MARU_V: 'm' }), '[m]');
    assert.is(await got({ UDS_V: 'u', MARU_V: '' }), '[u]');
    assert.is(await got({ UDS_V: '' }), '[d]');
    assert.is(await got({ UDS_V: 'u', MARU_V: 'm' }, [['v', 's']]), '[s]');
    assert.is(await got({ MARU_V: 'm' }, [['V', '']]), '[]');
  },
);

presets(
  'a value that does not match its pattern is refused with its source, a sensitive one without itself',
  async ({ run }) => {
    const plain = await refusal(run(text('{name: V, default: "7", pattern: "^[a-z]+$"}')));
    assert.match(plain, /the value "7" of variable "V" \(default \(.*\)\) does not match the pattern "\^\[a-z\]\+\$"/);
    const secret = text('{name: V, pattern: "^[a-z]+$", sensitive: true}');
    const hidden = await refusal(run(secret, { set: new Map([['V', 'S3CRET']]) }));
    assert.match(hidden, 'the value of variable "V" (--set) does not match');
    assert.not.match(hidden, 'S3CRET');
    assert.is((await run(text('{name: V, default: abc, pattern: "^[a-z]+$"}'))).stdout, '[abc]\n');
    assert.match(await refusal(run(text('{name: V, default: a, pattern: "("}'))), 'is no regular expression');
  },
);

presets('values of the environment and of --set are no secrets, unless some declaration says so', async () => {
  const file = async (variable: string) =>
    parseTaskFile(`variables: [${variable}]\ntasks: [{name: default, actions: [{cmd: x}]}]\n`, 't.yaml', '/t.yaml');
  const plain = await file('{name: V, pattern: "^a"}');
  const set = presetsOf(plain, new Map([['v', 'a']]), { MARU_W: 'no variable' });
  const declarations = new Declarations(set);
  assert.equal([...declarations.values], [['V', { text: 'a', source: '--set', sensitive: false }]]);
  declarations.add(plain);
  assert.is(declarations.values.get('V')?.sensitive, false);
  assert.equal(declarations.declared.get('V'), { pattern: '^a', sensitive: false });
  // Another file's declaration: its pattern comes too late, its secrecy does not, and is not taken back.
  declarations.add(await file('{name: V, pattern: "^b", sensitive: true}'));
  declarations.add(plain);
  assert.is(declarations.values.get('V')?.sensitive, true);
  assert.equal(declarations.declared.get('V'), { pattern: '^a', sensitive: true });
  declarations.refuse();
});

presets('what the user is asked for, and what that changes', async () => {
  const file = await parseTaskFile(
    'variables: [{name: A, prompt: true, sensitive: true, pattern: "^x", default: y}, {name: B, prompt: true}, {name: C}]\ntasks: [{name: default, actions: [{cmd: x}]}]\n',
    't.yaml',
    '/t.yaml',
  );
  const declarations = new Declarations(presetsOf(file, new Map([['B', 'given']]), {}));
  declarations.add(file);
  declarations.add(file);
  assert.equal(
    declarations.prompted().map(({ name }) => name),
    ['A'],
  );
  // A default that will be asked for is not held against the pattern yet.
  declarations.refuse();
  declarations.give('A', 'xy');
  declarations.give('C', 'c');
  const source = 'the answer at the prompt';
  assert.equal(declarations.values.get('A'), { text: 'xy', source, sensitive: true });
  assert.equal(declarations.values.get('C'), { text: 'c', source, sensitive: false });
  assert.is(declarations.owner('A')?.name, 'A');
});

presets.run();
