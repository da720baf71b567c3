// Actions out of a task file: defaults, which of two keys counts, what excludes what, ids and needs.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action } from '../../../scripts/tasks/file/model.ts';
import { parseTaskFile } from '../../../scripts/tasks/file/read.ts';

const actions = suite('tasks/file/read-actions');

/** A value with the places left out. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.entries(value).filter(([key, one]) => key !== 'at' && one !== undefined);
  if (keys.length === 1 && keys[0]?.[0] === 'value') return keys[0][1];
  return Object.fromEntries(keys.map(([key, one]) => [key, plain(one)]));
}

interface Read {
  list: readonly Action[];
  problems: string[];
  warnings: string[];
}

async function read(text: string): Promise<Read> {
  const file = await parseTaskFile(`tasks: [{name: t, actions: [${text}]}]\n`, 't.yaml', '/t.yaml');
  const task = file.tasks.get('t');
  return {
    list: task?.actions ?? [],
    problems: (task?.problems ?? []).map(({ message }) => message),
    warnings: file.warnings.map(({ message }) => message),
  };
}

async function one(text: string): Promise<Record<string, unknown>> {
  const { list, problems, warnings } = await read(text);
  assert.equal([problems, warnings], [[], []], text);
  return plain(list[0]) as Record<string, unknown>;
}

async function said(text: string): Promise<string[]> {
  const { problems, warnings } = await read(text);
  return [...problems, ...warnings.map((message) => `warning: ${message}`)];
}

actions('a command, with the defaults of everything else', async () => {
  assert.equal(await one('{cmd: echo}'), {
    work: { kind: 'cmd', cmd: 'echo' },
    needs: [],
    env: [],
    mute: false,
    setVariables: [],
    once: false,
    background: false,
    interactive: false,
  });
  const all = await one(
    '{cmd: c, description: d, id: i, if: "true", env: [A=b], dir: x, shell: {linux: bash}, mute: true, maxRetries: 2, interactive: true, setVariables: [{name: V, pattern: p, sensitive: true}, {name: W}]}',
  );
  assert.equal(all['setVariables'], [
    { name: 'V', pattern: 'p', sensitive: true },
    { name: 'W', sensitive: false },
  ]);
  assert.equal(
    ['description', 'id', 'if', 'env', 'dir', 'shell', 'mute', 'maxRetries', 'interactive'].map((key) => all[key]),
    ['d', 'i', 'true', ['A=b'], 'x', { linux: 'bash' }, true, 2, true],
  );
});

actions('limits of time: the shorter one counts, 0 is none', async () => {
  const of = async (keys: string): Promise<unknown> => (await one(`{cmd: c, ${keys}}`))['timeoutMs'];
  assert.is(await of('timeout: 5s'), 5000);
  assert.is(await of('maxTotalSeconds: 3'), 3000);
  assert.is(await of('timeout: 5s, maxTotalSeconds: 3'), 3000);
  assert.is(await of('timeout: 2s, maxTotalSeconds: 3'), 2000);
  assert.is(await of('maxTotalSeconds: 0'), undefined);
  assert.is(await of('timeout: 2s, maxTotalSeconds: 0'), 2000);
});

actions('attempts', async () => {
  assert.equal((await one('{cmd: c, retry: {attempts: 3}}'))['retry'], { attempts: 3, backoffMs: 1000 });
  assert.equal((await one('{cmd: c, retry: {attempts: 1, backoff: 2s}}'))['retry'], { attempts: 1, backoffMs: 2000 });
  assert.match(
    (await said('{cmd: c, retry: {attempts: 0}}'))[0] ?? '',
    '"attempts" must be a whole number of at least 1',
  );
});

actions('other tasks', async () => {
  assert.equal((await one('{task: a, with: {p: 1}}'))['work'], { kind: 'task', task: 'a', with: { p: '1' } });
  assert.equal((await one('{task: ""}'))['work'], { kind: 'nothing' });
});

actions('blocks: a list alone, or with a limit and what a failure means', async () => {
  const of = async (text: string): Promise<Record<string, unknown>> => {
    const { parallel } = (await one(`{parallel: ${text}}`))['work'] as { parallel: Record<string, unknown> };
    return { ...parallel, actions: (parallel['actions'] as unknown[]).length };
  };
  assert.equal(await of('[{cmd: a}, {cmd: b}]'), { actions: 2, failure: 'finish' });
  assert.equal(await of('{actions: [{cmd: a}]}'), { actions: 1, failure: 'finish' });
  assert.equal(await of('{actions: [{cmd: a}], limit: 1, failure: cancel}'), {
    actions: 1,
    limit: 1,
    failure: 'cancel',
  });
  assert.is((await of('{actions: [{cmd: a}], failure: continue}'))['failure'], 'continue');
  assert.equal(await said('{parallel: {actions: [{cmd: a}], failure: cancle}}'), [
    '"failure" must be finish, cancel or continue; did you mean "cancel"?',
  ]);
  assert.equal(await said('{parallel: {actions: [{cmd: a}], failure: x}}'), [
    '"failure" must be finish, cancel or continue',
  ]);
  assert.match((await said('{parallel: {actions: [{cmd: a}], limit: 0}}'))[0] ?? '', 'at least 1');
  const nested = (depth: number): string => (depth === 0 ? '{cmd: a}' : `{parallel: [${nested(depth - 1)}]}`);
  assert.equal(await said(nested(32)), []);
  assert.equal(await said(nested(33)), ['more than 32 blocks within each other']);
});

actions('waits', async () => {
  const of = async (text: string): Promise<unknown> =>
    ((await one(`{wait: ${text}}`))['work'] as { wait: unknown }).wait;
  assert.equal(await of('{cluster: {kind: Pod, name: p}}'), { cluster: { kind: 'Pod', name: 'p' } });
  assert.equal(await of('{cluster: {kind: Pod, name: p, namespace: n, condition: ready}}'), {
    cluster: { kind: 'Pod', name: 'p', namespace: 'n', condition: 'ready' },
  });
  for (const protocol of ['tcp', 'HTTP', 'https', '${P}']) {
    const wait = await of(`{network: {protocol: "${protocol}", address: "a:1", code: 200}}`);
    assert.equal(wait, { network: { protocol, address: 'a:1', code: '200' } });
  }
  assert.equal(await said('{wait: {network: {protocol: udp, address: a}}}'), [
    '"protocol" must be tcp, http or https, not "udp"',
  ]);
  assert.equal(await said('{wait: {cluster: {kind: a, name: b}, network: {protocol: tcp, address: a}}}'), [
    'warning: "network" beside "cluster" has no effect',
  ]);
  assert.equal(await said('{wait: {}}'), ['"wait" needs "cluster" or "network"']);
  const missing = await read('{wait: {cluster: {name: b}}}');
  assert.equal(missing.problems, ['wait.cluster needs the key "kind"']);
  assert.equal(plain(missing.list[0]?.work), { kind: 'wait', wait: { cluster: { kind: '', name: 'b' } } });
});

actions('what is applied', async () => {
  const of = async (text: string): Promise<unknown> =>
    ((await one(`{apply: ${text}}`))['work'] as { apply: unknown }).apply;
  assert.equal(await of('{files: a.yaml}'), { files: ['a.yaml'], wait: true });
  assert.equal(await of('{files: [a, b], namespace: n, wait: false}'), {
    files: ['a', 'b'],
    namespace: 'n',
    wait: false,
  });
  assert.equal(await of('{files: a, wait: true}'), { files: ['a'], wait: true });
});

actions('what runs in the background, and how it is known to be ready', async () => {
  const of = async (text: string): Promise<unknown> =>
    (await one(`{cmd: c, background: true, ready: ${text}}`))['ready'];
  assert.equal(await of('{log: up}'), { log: 'up', timeoutMs: 60_000 });
  assert.equal(await of('{tcp: "1", timeout: 5s}'), { tcp: '1', timeoutMs: 5000 });
  const exactly = '"ready" needs exactly one of log, tcp, http and cmd';
  assert.equal(await said('{cmd: c, background: true, ready: {log: a, cmd: b}}'), [exactly]);
  assert.equal(await said('{cmd: c, background: true, ready: {timeout: 1s}}'), [exactly]);
  assert.equal(await said('{cmd: c, ready: {log: a}}'), ['"ready" is for background actions: add "background: true"']);
  assert.equal(await said('{task: a, background: true}'), ['"background" is for "cmd" alone']);
  assert.equal(await said('{cmd: c, background: true, interactive: true}'), [
    'an interactive action cannot run in the background',
  ]);
});

actions('loops: a list, a text, a matrix', async () => {
  const of = async (text: string): Promise<unknown> => (await one(`{cmd: c, for: ${text}}`))['for'];
  assert.equal(await of('[a, b]'), { kind: 'list', items: ['a', 'b'] });
  assert.equal(await of('"a b"'), { kind: 'text', text: 'a b' });
  assert.equal(await of('{X: [a, b], Y: "c d"}'), { kind: 'matrix', axes: { X: ['a', 'b'], Y: 'c d' } });
  assert.equal(await said('{cmd: c, for: {X: {a: b}}}'), ['"X" in "for" must be a list of texts']);
  assert.equal(await said('{cmd: c, for: {X: [[a]]}}'), ['"X" in "for" must be a list of texts']);
});

actions('keys without effect, and actions that do nothing', async () => {
  assert.equal(await said('{task: a, cmd: b}'), ['warning: "cmd" beside "task" has no effect']);
  assert.equal(await said('{task: a, cmd: ""}'), []);
  assert.equal(await said('{task: a, mute: true, env: [A=b]}'), [
    'warning: "env" beside "task" has no effect',
    'warning: "mute" beside "task" has no effect',
  ]);
  assert.equal(await said('{cmd: a, with: {p: 1}}'), ['warning: "with" beside "cmd" has no effect']);
  const nothing = 'warning: this action does nothing: it has neither cmd, task, wait, parallel nor apply';
  assert.equal(await said('{description: a}'), [nothing]);
  assert.equal(await said('{cmd: ""}'), [nothing]);
});

actions('needs: of this list, earlier where actions follow one another, never in a cycle', async () => {
  assert.equal(await said('{cmd: a, id: x}, {cmd: b, needs: x}'), []);
  assert.equal(await said('{cmd: a, id: x, needs: x}'), [
    'needs "x", which comes later: these actions run one after another',
  ]);
  assert.equal(await said('{cmd: b, needs: x}, {cmd: a, id: x}'), [
    'needs "x", which comes later: these actions run one after another',
  ]);
  assert.equal(await said('{cmd: a, id: first}, {cmd: b, needs: frist}'), [
    'needs "frist", but no action of this list has that id; did you mean "first"?',
  ]);
  assert.equal(await said('{cmd: b, needs: x}'), ['needs "x", but no action of this list has that id']);
  assert.equal(await said('{cmd: a, id: x}, {cmd: b, id: x}'), ['two actions of this list have the id "x"']);
  for (const block of ['[{cmd: b, needs: x}, {cmd: a, id: x}]', '{actions: [{cmd: b, needs: x}, {cmd: a, id: x}]}'])
    assert.equal(await said(`{parallel: ${block}}`), []);
  const cycle = await parseTaskFile(
    'tasks: [{name: t, actions: [{parallel: [{cmd: a}, {cmd: b, id: x, needs: y}, {cmd: c, id: y, needs: x}]}]}]\n',
    't.yaml',
    '/t.yaml',
  );
  assert.equal(
    cycle.tasks.get('t')?.problems.map(({ where, message }) => `${where} ${message}`),
    ['t.yaml:1:52 actions need each other in a cycle: x → y → x'],
    'at the first one of the cycle',
  );
  assert.equal(
    await said('{parallel: [{cmd: a, id: x, needs: y}, {cmd: b, id: y, needs: z}, {cmd: c, id: z, needs: x}]}'),
    ['actions need each other in a cycle: x → y → z → x'],
  );
  assert.equal(await said('{parallel: [{cmd: a, id: x, needs: x}]}'), ['actions need each other in a cycle: x → x']);
  assert.equal(
    await said('{parallel: [{cmd: a, id: x, needs: [y, z]}, {cmd: b, id: y, needs: z}, {cmd: c, id: z}]}'),
    [],
  );
});

actions.run();
