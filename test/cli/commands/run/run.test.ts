// `hoist run` from its flags to its last line: what is shown, what is quiet, what is recorded, and which code it ends with.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RUN_FOLDER } from '../../../../scripts/tasks/processes/nested.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/run/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const TASKS = `
tasks:
  - name: default
    description: says hello
    actions: [{cmd: echo hello}, {cmd: echo again}]
  - name: one
    actions: [{cmd: echo one}]
  - name: bad
    actions: [{cmd: "echo broken; exit 7"}]
`;

test('text: the output, and the times of more than one step', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  const all = await invoke('run', []);
  assert.equal([all.code, all.stdout], [0, 'hello\nagain\n']);
  assert.match(all.stderr, /2 steps|done|\d+ ms/);
  const single = await invoke('run', ['one']);
  assert.equal([single.stdout, single.stderr.trim().split('\n').length], ['one\n', 1], 'no table of one step');
});

test('quiet is quiet, by either flag and by the levels of maru', async ({ write, invoke }) => {
  write('tasks.yaml', `odd: x\n${TASKS}`);
  assert.match((await invoke('run', [])).stderr, /warning: tasks\.yaml:1:1/);
  for (const argv of [['--quiet'], ['-l', 'error'], ['-l', 'warn']]) {
    const { stdout, stderr } = await invoke('run', argv);
    assert.equal([stdout, stderr], ['hello\nagain\n', ''], argv.join(' '));
  }
  const { error, code } = await invoke('run', ['-l', 'loud']);
  assert.equal([code, error.startsWith('--log-level must be one of ')], [2, true]);
});

test('verbose levels say more of the times', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  const usual = (await invoke('run', [])).stderr.length;
  for (const argv of [['--verbose'], ['-l', 'debug'], ['-l', 'trace']])
    assert.ok((await invoke('run', argv)).stderr.length > usual, argv.join(' '));
  assert.is.not((await invoke('run', ['-l', 'info'])).stderr, '');
});

test('a failure ends with its code, its story and nothing twice', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  const { code, stderr } = await invoke('run', ['bad']);
  assert.is(code, 7);
  assert.match(stderr, /exit 7|ended with/);
  assert.match(stderr, 'broken');
});

test('JSON: events, and a summary that says how it ended', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  const last = async (...argv: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await invoke('run', ['--output', 'json', ...argv]);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  };
  const good = await last();
  assert.equal(
    [good['type'], good['ready'], good['subject'], good['exitCode'], good['failures']],
    ['summary', true, 'run', 0, []],
  );
  const bad = await last('bad');
  const [failure] = bad['failures'] as Record<string, unknown>[];
  assert.equal([bad['ready'], bad['exitCode']], [false, 7]);
  assert.equal(
    [failure?.['command'], failure?.['exitCode'], failure?.['lastOutput']],
    ['echo broken; exit 7', 7, ['broken']],
  );
});

test('no more than five warnings are shown before a run, all of them with --check, where they are errors', async ({
  write,
  invoke,
}) => {
  const odd = (count: number): string => Array.from({ length: count }, (_, at) => `odd${at}: x\n`).join('');
  write('tasks.yaml', odd(5) + TASKS);
  const five = (await invoke('run', ['one'])).stderr;
  assert.is(five.match(/^warning: /gm)?.length, 5);
  assert.not.match(five, 'more warnings');
  write('tasks.yaml', odd(7) + TASKS);
  assert.match((await invoke('run', ['one'])).stderr, '2 more warnings: `hoist run --check` shows them');
  const { code, error } = await invoke('run', ['--check']);
  assert.is(code, 2);
  assert.match(error, 'odd6');
  write('tasks.yaml', TASKS);
  const fine = await invoke('run', ['--check']);
  assert.equal([fine.code, fine.stdout, fine.stderr], [0, '', 'no problems found\n']);
});

test('a run is recorded where it is asked for, or where there is a log; not within another run, and no dry one', async ({
  write,
  invoke,
  folder,
}) => {
  write('tasks.yaml', TASKS);
  const log = join(folder, 'logs', 'runs.jsonl');
  const lines = (): number => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0);
  await invoke('run', ['one']);
  assert.is(lines(), 0);
  await invoke('run', ['one', '--label', 'mine', '--dry-run']);
  assert.is(lines(), 0);
  await invoke('run', ['one', '--label', 'mine']);
  assert.is(lines(), 1);
  assert.match(readFileSync(log, 'utf8'), '"mine"');
  await invoke('run', ['one']);
  assert.is(lines(), 2);
  await invoke('run', ['one', '--label', 'inner'], { [RUN_FOLDER]: join(folder, 'outer') });
  assert.is(lines(), 2);
});

test('a log that cannot be written is a warning', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  write('blocked', 'a file');
  const { code, stderr } = await invoke('run', ['one'], { DEPLOY_LOG_DIR: 'blocked/logs' });
  assert.is(code, 0);
  assert.match(stderr, 'warning: the benchmark log could not be written');
});

test('what --list, --graph, --explain and --dry-run show, without running anything', async ({ write, invoke }) => {
  write('sub.yaml', 'tasks: [{name: inner, description: of another file, actions: [{cmd: "true"}]}]\n');
  write(
    'tasks.yaml',
    `includes: [{sub: sub.yaml}, {gone: gone.yaml}]\nvariables: [{name: V, default: d}]\n${TASKS}  - name: calls\n    inputs: {zone: {description: where, required: true}, size: {default: "7\\n8", description: how}}\n    actions: [{task: one}, {task: "sub:inner"}]\n`,
  );
  const list = await invoke('run', ['--list']);
  assert.is(
    list.stdout,
    'default  says hello\none\nbad\ncalls\n           --with zone=… (required)  where\n           --with size=7  how\n',
  );
  const all = await invoke('run', ['--list-all']);
  assert.match(all.stdout, /\n\nsub:inner\s+of another file\n$/);
  assert.match(all.stderr, 'warning: include "gone" is not listed: ');
  assert.match(
    (await invoke('run', ['--list=md'])).stdout,
    /^\| Name \| Description \|\n\|[-|]+\n\| \*\*default\*\* \| says hello \|\n/,
  );
  assert.match((await invoke('run', ['--list=odd'])).error, '--list takes "md" or nothing, not "odd"');
  assert.match((await invoke('run', ['--explain', 'V'])).stdout, /^V = "d"\n {2}from default \(/);
  assert.match((await invoke('run', ['--explain', 'W'])).error, 'there is no variable "W" in what these tasks reach');
  const graph = await invoke('run', ['--graph', 'calls', '--with', 'zone=a']);
  assert.match(graph.stdout, /^flowchart/);
  assert.equal([list.code, all.code, graph.code], [0, 0, 0]);
  assert.match(graph.stdout, 'sub.yaml: inner');
  const dry = await invoke('run', ['--dry-run', 'one']);
  assert.match(dry.stdout + dry.stderr, 'echo one');
  assert.not.match(dry.stdout, /^one$/m);
  assert.not.match(dry.stderr, 'ms');
});

test('what goes with --watch, and how many at once', async ({ write, invoke }) => {
  write('tasks.yaml', TASKS);
  for (const flag of ['--check', '--dry-run', '--graph', '--list', '--explain=V'])
    assert.match((await invoke('run', ['--watch', flag])).error, /^--watch and --[a-z-]+ exclude each other$/, flag);
  for (const jobs of ['0', '-1', 'x', '1.5', '1234567'])
    assert.match((await invoke('run', [`--jobs=${jobs}`])).error, '--jobs must be a number of at least 1');
  assert.is((await invoke('run', ['--jobs=1', 'one'])).stdout, 'one\n');
});

test('a file of another name; and one that is not there', async ({ write, invoke }) => {
  write('other.yaml', TASKS);
  assert.is((await invoke('run', ['-f', 'other.yaml', 'one'])).stdout, 'one\n');
  const { code, error } = await invoke('run', []);
  assert.is.not(code, 0);
  assert.match(error, 'tasks.yaml');
});

test('--watch goes on after a failure, which is reported once, until it is interrupted', async ({
  write,
  invoke,
  folder,
}) => {
  write('src/a', '1');
  write('tasks.yaml', 'tasks: [{name: default, sources: [src], actions: [{cmd: echo ran}]}]\n');
  const good = await invoke('run', ['--watch', '--label', 'mine'], {}, /watching/);
  assert.equal([good.code, good.stdout], [130, 'ran\n']);
  assert.match(good.stderr, 'watching 2 files; Ctrl-C ends');
  assert.not.match(good.stderr, 'error: ');
  assert.is(
    readFileSync(join(folder, 'logs', 'runs.jsonl'), 'utf8')
      .trim()
      .split('\n').length,
    1,
  );
  write('tasks.yaml', 'tasks: [{name: default, sources: [src], actions: [{cmd: "echo broken; exit 3"}]}]\n');
  const bad = await invoke('run', ['--watch'], {}, /watching/);
  assert.is(bad.code, 130);
  assert.is(bad.stderr.match(/ended with code 3/g)?.length, 1);
  assert.not.match(bad.stderr, /^error: /m);
  const quiet = await invoke('run', ['--watch', '--quiet'], {}, /ended with code/);
  assert.equal([quiet.code, quiet.stdout], [130, 'broken\n']);
  write('tasks.yaml', TASKS);
  assert.match((await invoke('run', ['--watch'])).error, '--watch needs a task with `sources`');
});

test.run();
