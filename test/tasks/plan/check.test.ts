// What is refused before anything runs, what is only warned about, and what is none of the checks' business.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { type CheckInputs, check } from '../program.ts';

const checks = suite('tasks: checks of a plan');

/** `WHERE MESSAGE` of each problem. */
async function problems(text: string, inputs: CheckInputs = {}): Promise<string[]> {
  try {
    await check(text, inputs);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message }) => `${where} ${message}`);
  }
  return [];
}

async function warnings(text: string, inputs: CheckInputs = {}): Promise<string[]> {
  return (await check(text, inputs)).warnings.map(({ where, message }) => `${where} ${message}`);
}

/** A task `default` with these actions, its other keys, and what follows it. */
const file = (actions: string, more = '', rest = ''): string =>
  `tasks:\n  - name: default${more}\n    actions: [${actions}]\n${rest}`;

checks('tasks and includes that do not exist are named all at once, in the order of the file', async () => {
  const text = file('{task: biuld}, {task: "x:y"}', '', '  - {name: build, actions: [{task: none}]}\n');
  assert.equal(await problems(text, { names: ['default', 'build', 'nowhere'] }), [
    'argv:1:1 there is no task "nowhere"',
    'tasks.yaml:3:22 there is no task "biuld"; did you mean "build"?',
    'tasks.yaml:3:37 there is no include "x" in tasks.yaml',
    'tasks.yaml:4:36 there is no task "none"',
  ]);
});

checks('required inputs must be given by every call; by the command line too', async () => {
  const rest =
    '  - {name: t, inputs: {a: {required: true}, b: {required: true, default: x}}, actions: [{cmd: "true"}]}\n';
  const calls = '{task: t}, {task: t, with: {a: "1"}}, {parallel: [{task: t, with: {c: "1"}}]}';
  const missing = 'task t is missing required inputs: a';
  assert.equal(await problems(file(calls, '', rest)), [`tasks.yaml:3:22 ${missing}`, `tasks.yaml:3:72 ${missing}`]);
  assert.equal(await problems(file(calls, '', rest), { names: ['t'] }), [`argv:1:1 ${missing}`]);
  assert.equal(await problems(file(calls, '', rest), { names: ['t'], given: { a: '1' } }), []);
});

checks('templates: names that nothing gives are errors as fields, warnings with `index`', async () => {
  const inputs = '\n    inputs: {zone: {default: eu}}';
  const rest = 'variables: [{name: NAME}]\n';
  const cases: [actions: string, found: string[]][] = [
    ['{cmd: "${{ .inputs.zone }} ${{ .variables.NAME }}"}', []],
    ['{cmd: "${{ .inputs.zoen }}"}', ['4:26 task "default" has no input "zoen"; did you mean "zone"?']],
    ['{cmd: "${{ .variables.NAMES }}"}', ['4:26 there is no variable "NAMES"; did you mean "NAME"?']],
    ['{cmd: "${{ .variables.SET }}"}, {cmd: x, setVariables: [{name: SET}]}', []],
    ['{cmd: "${{ .item.os }}", for: {os: [a]}}', []],
    ['{cmd: "${{ index .variables \\"X\\" }}"}', []],
    ['{if: "${{ .inputs.q }}", cmd: x}', ['4:25 task "default" has no input "q"']],
    ['{parallel: [{dir: "${{ .inputs.q }}", cmd: x}]}', ['4:38 task "default" has no input "q"']],
    ['{cmd: "${{ .inputs.zone"}', ['4:22 the action is not closed']],
  ];
  for (const [actions, found] of cases) {
    const own = await problems(file(actions, inputs, rest));
    assert.equal(
      own.map((line) => line.replace('tasks.yaml:', '')),
      found,
      actions,
    );
  }
  const loose = file('{cmd: \'${{ index .inputs "zoen" }} ${{ index .inputs "zone" }}\'}', inputs, rest);
  assert.equal(await warnings(loose), ['tasks.yaml:4:32 task "default" has no input "zoen"; did you mean "zone"?']);
  assert.equal(await problems(loose, { strict: true }), [
    'tasks.yaml:4:32 task "default" has no input "zoen"; did you mean "zone"?',
  ]);
  assert.equal(await problems(file('{cmd: "${{ .inputs.more }}"}'), { given: { more: '1' } }), []);
});

checks('a task is checked again for calls that give other inputs, and its sources with it', async () => {
  const rest =
    '  - {name: t, sources: ["${{ .inputs.s }}"], generates: ["${{ .inputs.g }}"], actions: [{cmd: "true"}]}\n';
  const all = '{task: t, with: {s: "1", g: "2"}}';
  assert.equal(await problems(file(`${all}, ${all}`, '', rest)), []);
  assert.equal(await problems(file(`${all}, {task: t, with: {s: "1"}}`, '', rest)), [
    'tasks.yaml:4:63 task "t" has no input "g"',
  ]);
});

checks('calls in a circle without a condition are refused, with one they are not', async () => {
  const circle = (call: string, back: string): string => file(call, '', `  - {name: b, actions: [${back}]}\n`);
  const found = await problems(circle('{task: b}', '{cmd: "true"}, {task: default}'));
  assert.equal(found, [
    'tasks.yaml:4:47 tasks call each other without an "if" on the way, for ever: default (tasks.yaml:2) → b (tasks.yaml:4) → default (tasks.yaml:2)',
  ]);
  const refused = ['{parallel: [{task: default}]}', '{task: default, with: {x: "1"}}'];
  for (const back of refused) assert.is((await problems(circle('{task: b}', back))).length, 1, back);
  const allowed = [
    '{task: default, if: "${{ true }}"}',
    '{task: default, for: [a]}',
    '{parallel: [{task: default}], if: "true"}',
  ];
  for (const back of allowed) {
    assert.equal(await problems(circle('{task: b}', back)), [], back);
    assert.equal(await problems(circle(back.replace('default', 'b'), '{task: default}')), [], back);
  }
  // Two ways to one task are no circle.
  assert.equal(await problems(circle('{task: b}, {task: b}', '{cmd: "true"}')), []);
  assert.is((await problems(file('{task: default}'))).length, 1);
});

checks('what is loaded but not reached is only warned about', async () => {
  const rest = '  - {name: other, actions: [{cmd: x, tiemout: 1s, needs: [none]}]}\n';
  const found = await warnings(file('{cmd: "true"}', '', rest));
  assert.is(found.length, 2);
  assert.match(found[0] ?? '', 'tasks.yaml:4:38');
  assert.is((await problems(file('{task: other}', '', rest))).length, 2);
});

checks('strict: every task of the file, every include, every warning', async () => {
  const rest =
    '  - {name: other, inputs: {a: {required: true}}, actions: [{task: none}]}\nincludes: [{lib: "https://x/lib"}]\n';
  const text = file('{cmd: "true"}', '', rest);
  const included = { lib: 'tasks: [{name: t, actions: [{cmd: x}]}]' };
  assert.equal(await problems(text, { included }), []);
  assert.equal(await problems(text, { included, strict: true }), ['tasks.yaml:4:67 there is no task "none"']);
  const broken = await problems(text, { strict: true });
  assert.is(broken.length, 2);
  assert.match(broken.join('\n'), 'lib:1:1 is no task file');
});

checks('what is checked is handed on: tasks, calls with their freedom, places that set a variable', async () => {
  const rest = '  - {name: b, actions: [{cmd: x, setVariables: [{name: V}]}, {cmd: y, setVariables: [{name: V}]}]}\n';
  const { tasks, reached, setters } = await check(file('{task: b, if: "true"}, {task: b}', '', rest));
  assert.equal(
    tasks.map(({ name }) => name),
    ['default'],
  );
  const calls = [...reached].map(([{ name }, edges]) => [name, ...edges.map(({ to, free }) => `${to.name} ${free}`)]);
  assert.equal(calls, [['default', 'b false', 'b true'], ['b']]);
  assert.is(setters.get('V')?.length, 2);
});

checks.run();
