// What the texts of an action mean at its moment: which source of its environment wins, which values no text may read, and what
// it is called.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { Scene, labelOf } from '../../../scripts/tasks/actions/render.ts';
import type { Frame, Runtime } from '../../../scripts/tasks/actions/runtime.ts';
import { parseTaskFile } from '../../../scripts/tasks/file/read.ts';
import { Source, type Text } from '../../../scripts/tasks/file/source.ts';
import { type Value, Variables } from '../../../scripts/tasks/variables/variables.ts';

const scenes = suite('tasks: the scene of an action');

interface Place {
  given?: Record<string, string>;
  called?: boolean;
  envFile?: Record<string, string>;
  item?: Frame['item'];
  variables?: Record<string, Partial<Value>>;
  env?: Record<string, string>;
  extraEnv?: Record<string, string>;
  inputs?: string;
}

const mapOf = <T>(record: Readonly<Record<string, T>> = {}): Map<string, T> => new Map(Object.entries(record));
const textOf = (value: string): Text => ({ value, at: { source: new Source('here.yaml', value), offset: 0 } });

/** The scene of the first action of a task that has the actions of the text. */
async function sceneOf(action: string, place: Place = {}) {
  const inputs = place.inputs === undefined ? '' : `inputs: ${place.inputs}, `;
  const file = await parseTaskFile(`tasks: [{name: t, ${inputs}actions: [${action}]}]`, 'tasks.yaml', '/w/tasks.yaml');
  const task = file.tasks.get('t');
  const first = task?.actions[0];
  if (task === undefined || first === undefined) throw new Error('no action');
  const { called = false, item, variables = {} } = place;
  const frame = { task, given: mapOf(place.given), called, envFile: mapOf(place.envFile), item };
  const runtime = { env: place.env ?? {}, extraEnv: place.extraEnv ?? {} };
  const values = Object.entries(variables).map(([name, value]): [string, Value] => [
    name,
    { text: '', source: '--set', sensitive: false, ...value },
  ]);
  return { action: first, scene: new Scene(runtime as Runtime, frame as unknown as Frame, new Variables(values)) };
}

const environment = async (own: readonly string[], place: Place): Promise<Record<string, string>> =>
  (await sceneOf('{cmd: x}', place)).scene.environment(own.map(textOf));

scenes('the environment: each source wins over the ones before it', async () => {
  const INPUTS = '{x: {default: default}}';
  const place: Place = { env: { ITEM: 'system', INPUT_X: 'system', OTHER: 'system' } };
  assert.equal(await environment([], place), place.env);
  place.inputs = INPUTS;
  assert.is((await environment([], place))['INPUT_X'], 'default');
  assert.is((await environment(['INPUT_X=own'], place))['INPUT_X'], 'own');
  place.given = { x: 'given' };
  assert.is((await environment([], place))['INPUT_X'], 'given');
  assert.is((await environment(['INPUT_X=own'], place))['INPUT_X'], 'own');
  place.called = true;
  assert.is((await environment(['INPUT_X=own'], place))['INPUT_X'], 'given');
  place.item = 'item';
  assert.is((await environment(['ITEM=own'], place))['ITEM'], 'item');
  place.envFile = { ITEM: 'file' };
  assert.is((await environment([], place))['ITEM'], 'file');
  place.variables = { ITEM: { text: 'variable' } };
  assert.is((await environment([], place))['ITEM'], 'variable');
  place.extraEnv = { ITEM: 'extra' };
  const { ITEM, OTHER } = await environment([], place);
  assert.equal([ITEM, OTHER], ['extra', 'system']);
});

scenes('what a caller gives wins over own entries for the inputs that it gives, and for no others', async () => {
  const place = { called: true, inputs: '{a-b: {default: d}, c: {default: d}}', given: { 'a-b': 'given' } };
  assert.equal(await environment(['INPUT_A_B=own', 'INPUT_C=own'], place), { INPUT_A_B: 'given', INPUT_C: 'own' });
});

scenes('own entries: the first "=" divides, one without it is none, values are expanded once', async () => {
  const place: Place = { variables: { V: { text: '${W}' }, W: { text: 'w' } }, extraEnv: { E: 'extra' } };
  const env = await environment(['A=b=c', 'ALONE', 'EMPTY=', 'X=${W}/${E}/${NONE}', 'T=${{ .variables.W }}'], place);
  assert.equal(env, { A: 'b=c', EMPTY: '', X: 'w/extra/${NONE}', T: 'w', V: 'w', W: 'w', E: 'extra' });
});

scenes('the items of a matrix have names of the environment', async () => {
  const env = await environment([], {
    item: new Map([
      ['os', 'linux'],
      ['go-arch.x', 'arm64'],
    ]),
  });
  assert.equal(env, { ITEM_OS: 'linux', ITEM_GO_ARCH_X: 'arm64' });
});

scenes("a variable that nothing has set does not hide the user's own one, and one that is set empty does", async () => {
  const source = 'default (t.yaml:1)';
  for (const [value, system, seen] of [
    [{ text: '', source }, 'own', 'own'],
    [{ text: 'd', source }, 'own', 'd'],
    [{ text: '', source: '--set' }, 'own', ''],
    [{ text: '', source }, '', ''],
    [{ text: '', source }, undefined, ''],
  ] as const) {
    const env = system === undefined ? {} : { V: system };
    assert.equal(await environment([], { variables: { V: value }, env }), { V: seen });
  }
});

scenes('a value of which branches wrote several is in no environment, and no text reads it', async () => {
  const two: Partial<Value>[] = [
    { text: 'one', setAt: textOf('x').at },
    { text: 'two', setAt: undefined },
  ];
  const conflict = two.map((value): Value => ({ text: '', source: 's', sensitive: false, ...value }));
  const plain: Place = { variables: { V: { text: 'one', conflict }, W: { text: 'w' } } };
  assert.equal(await environment([], plain), { W: 'w' });
  const { scene } = await sceneOf('{cmd: x}', plain);
  const refused = (read: () => string): ConfigError => {
    try {
      read();
    } catch (error) {
      if (error instanceof ConfigError) return error;
    }
    throw new Error('was read');
  };
  for (const read of [
    () => scene.template(textOf('${{ .variables.V }}')),
    () => scene.template(textOf('${{ index .variables "V" }}')),
    () => scene.text(textOf('a ${V}')),
    () => scene.command(textOf('echo $V')),
    () => scene.command(textOf('echo ${V}')),
  ]) {
    const error = refused(read);
    assert.match(error.message, 'variable "V" was set to different values by actions that ran in parallel');
    assert.match(error.message, '"one" at here.yaml:1:1, "two"');
    assert.match(error.hint ?? '', '`needs`');
  }
  assert.is(refused(() => scene.command(textOf('echo $V'))).problems[0]?.where, 'here.yaml:1:6');
  assert.is(scene.text(textOf('${W} ${{ .variables.W }} $V')), 'w w $V');
  assert.is(scene.command(textOf('echo ${W} $W')), 'echo ${W} $W');
  const secret = await sceneOf('{cmd: x}', { variables: { V: { text: 'one', conflict, sensitive: true } } });
  const hidden = refused(() => secret.scene.text(textOf('${V}'))).message;
  assert.match(hidden, 'a value at here.yaml:1:1, a value');
  assert.not.match(hidden, '"one"');
});

scenes('a template that is wrong is named with its place', async () => {
  const { scene } = await sceneOf('{cmd: x}', { item: 'i', given: { a: '1' } });
  assert.is(scene.template(textOf('${{ .item }} ${{ .inputs.a }}')), 'i 1');
  try {
    scene.template(textOf('say ${{ .inputs.a | nope }}'));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.match((error as ConfigError).problems[0]?.where ?? '', /^here\.yaml:1:(?!1$)\d+$/);
  }
});

scenes('an action is called by its description, or by the start of what it does', async () => {
  const long = 'x'.repeat(60);
  for (const [action, label] of [
    ['{cmd: "  one\\ntwo"}', 'one'],
    [`{cmd: ${long}}`, long],
    [`{cmd: ${long}y}`, `${'x'.repeat(59)}…`],
    ['{cmd: x, description: "what ${{ .variables.W }} does\\nmore"}', 'what w does'],
    ['{cmd: x, description: "  "}', 'x'],
    ['{task: other}', 'other'],
    ['{wait: {cluster: {kind: "${W}", name: n}}}', 'wait for w n'],
    ['{wait: {network: {protocol: tcp, address: "${W}:1"}}}', 'wait for w:1'],
    ['{apply: {files: [a.yaml, b.yaml]}}', 'apply a.yaml b.yaml'],
    ['{parallel: {actions: [{cmd: x}]}}', 'parallel'],
  ] as const) {
    const { action: read, scene } = await sceneOf(action, { variables: { W: { text: 'w' } } });
    assert.is(labelOf(read, scene), label);
  }
});

scenes('the item of its loop is added to the name, where the name does not tell it', async () => {
  for (const [action, item, label] of [
    ['{cmd: build, for: [a]}', 'a', 'build [a]'],
    ['{cmd: "build ${{ .item }}", for: [app]}', 'app', 'build app'],
    ['{cmd: build}', 'a', 'build'],
    ['{cmd: build, for: [a]}', undefined, 'build'],
    [
      '{cmd: build, for: [a]}',
      new Map([
        ['os', 'linux'],
        ['arch', 'arm64'],
      ]),
      'build [linux, arm64]',
    ],
  ] as const) {
    const { action: read, scene } = await sceneOf(action, { item });
    assert.is(labelOf(read, scene), label);
  }
});

scenes.run();
