// Embedded clusters by what is remembered of them: whether they are as planned, stop, start and go; and their first steps.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, CreationError, UsageError } from '../../../scripts/base/errors.ts';
import type { StepContext } from '../../../scripts/engine/step.ts';
import { isAlive, type StartedDaemon, startDaemon, stopDaemon } from '../../../scripts/host/daemon.ts';
import { exec } from '../../../scripts/host/execa.ts';
import type { ClusterPlan } from '../../../scripts/plan/plan.ts';
import { embeddedProvider } from '../../../scripts/providers/embedded/embedded.ts';
import { layoutOf } from '../../../scripts/providers/embedded/layout.ts';
import { argumentSteps, prepareStep } from '../../../scripts/providers/embedded/prepare-steps.ts';
import { EmbeddedRun } from '../../../scripts/providers/embedded/run.ts';
import { type ClusterState, processNames, readState, writeState } from '../../../scripts/providers/embedded/state.ts';
import type { StepInputs } from '../../../scripts/providers/provider.ts';
import { toolStepName } from '../../../scripts/tools/tool-steps.ts';
import { thrown } from '../../kube/helpers.ts';

interface Context {
  home: string;
  daemons: StartedDaemon[];
}

const test = suite<Context>('embedded/embedded');
test.before.each((context) => {
  context.home = mkdtempSync(join(tmpdir(), 'hoist-embedded-'));
  context.daemons = [];
});
test.after.each(async ({ home, daemons }) => {
  for (const one of daemons) await stopDaemon(one, { graceMs: 0 });
  rmSync(home, { recursive: true });
});

const plan = (more: object = {}): ClusterPlan =>
  ({
    ...{ name: 'dev', provider: 'embedded', kubernetes: '1.36.3', environment: [] },
    nodes: [{ name: 'a', role: 'agent', cpus: 1, memoryBytes: 2 ** 30 }],
    components: { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] },
    ...more,
  }) as unknown as ClusterPlan;
const layout = ({ home }: Context) => layoutOf(join(home, 'hoist/clusters'), 'dev');
const toolsOf = ({ home }: Context) => ({
  env: { XDG_STATE_HOME: home, XDG_CACHE_HOME: home, HOME: home, PATH: '' },
  exec,
});
const provider = (context: Context) => embeddedProvider({ exec, tools: toolsOf(context) });
const GONE = { pid: 4194304, startTime: 'x', startedAt: '' };

async function daemon(context: Context, cwd = context.home): Promise<StartedDaemon> {
  const started = await startDaemon({ file: 'sleep', args: ['60'], cwd, logFile: join(context.home, 'log') });
  context.daemons.push(started);
  return started;
}

/** Remembers a cluster; processes are gone unless they are given. */
async function remember(context: Context, processes: ClusterState['processes'] = {}, more: Partial<ClusterState> = {}) {
  mkdirSync(layout(context).logs, { recursive: true });
  const ports = { apiserver: 1, controllerManager: 2, scheduler: 3 };
  await writeState(layout(context).state, { version: 1, createdAt: '', plan: plan(), ports, processes, ...more });
}
const running = async (context: Context): Promise<ClusterState['processes']> => {
  const { pid, startTime } = await daemon(context);
  return Object.fromEntries(processNames.map((name) => [name, { pid, startTime, startedAt: '' }]));
};
const found = async (context: Context, wanted = plan()): Promise<unknown> =>
  (await provider(context).prepare(wanted)).inspect();

test('a cluster is the same, damaged, different or absent', async (context) => {
  assert.equal(await found(context), { kind: 'absent' });
  const processes = await running(context);
  await remember(context, processes);
  assert.equal(await found(context), { kind: 'same' });
  await remember(context, { ...processes, etcd: GONE, kwok: undefined as never }, { restoring: 'base' });
  assert.equal(await found(context), {
    kind: 'damaged',
    reasons: ['etcd does not run', 'kwok does not run', 'the snapshot "base" was not restored to its end'],
  });
  const argument = { flag: 'v', value: '2', source: 's', reason: 'r' };
  const other = plan({ components: { ...plan().components, etcd: [argument] }, environment: [argument] });
  assert.equal(await found(context, other), {
    kind: 'different',
    differences: [
      { what: 'environment', have: 'not set', want: 'v=2' },
      { what: 'etcd --v', have: 'not set', want: '2' },
    ],
  });
});

test('a suspended process is damage, too', async (context) => {
  const processes = await running(context);
  await remember(context, processes);
  process.kill(processes.etcd?.pid ?? 0, 'SIGSTOP');
  for (;;) {
    const situation = (await found(context)) as { kind: string; reasons?: string[] };
    if (situation.kind === 'same') continue;
    assert.equal(
      situation.reasons,
      processNames.map((name) => `${name} is suspended`),
    );
    break;
  }
});

test('all of its processes stop, etcd last', async (context) => {
  assert.is(await provider(context).stop?.('dev'), undefined);
  await remember(context, { etcd: GONE });
  assert.is(await provider(context).stop?.('dev'), 'already');
  const [etcd, kwok] = [await daemon(context), await daemon(context)];
  const as = ({ pid, startTime }: StartedDaemon) => ({ pid, startTime, startedAt: '' });
  await remember(context, { etcd: as(etcd), kwok: as(kwok) });
  assert.is(await provider(context).stop?.('dev'), 'stopped');
  assert.equal([await isAlive(etcd), await isAlive(kwok)], [false, false]);
});

(process.platform === 'linux' ? test : test.skip)('what nobody remembers counts as stopped, too', async (context) => {
  await remember(context);
  const { root } = layout(context);
  const file = join(context.home, 'etcd');
  writeFileSync(file, '#!/bin/bash\nread -r line <> <(:)\n', { mode: 0o755 });
  const args = [`--data-dir=${root}/etcd`];
  const forgotten = await startDaemon({ file, args, cwd: root, logFile: join(context.home, 'log') });
  context.daemons.push(forgotten);
  assert.is(await provider(context).stop?.('dev'), 'stopped');
  assert.is(await isAlive(forgotten), false);
  assert.is(await provider(context).stop?.('dev'), 'already');
});

test("it goes with its folder, also where what is remembered is damaged; what is not hoist's stays", async (context) => {
  assert.is(await provider(context).remove('dev'), false);
  const [one] = [await daemon(context)];
  await remember(context, { etcd: { pid: one.pid, startTime: one.startTime, startedAt: '' } });
  assert.equal(await provider(context).list(), ['dev']);
  assert.is(await provider(context).remove('dev'), true);
  assert.equal(
    [await isAlive(one), existsSync(layout(context).root), await provider(context).list()],
    [false, false, []],
  );
  await remember(context);
  writeFileSync(layout(context).state, 'no JSON');
  await thrown(CreationError, Promise.resolve(provider(context).stop?.('dev')));
  assert.is(await provider(context).remove('dev'), true);
  mkdirSync(layout(context).root, { recursive: true });
  writeFileSync(join(layout(context).root, 'mine'), '');
  await provider(context)
    .remove('dev')
    .catch(() => undefined);
  assert.ok(existsSync(join(layout(context).root, 'mine')));
});

test('it is described by its arguments and variables, with their reasons', async (context) => {
  const argument = { flag: 'v', value: '2', source: 's', reason: 'r' };
  const prepared = await provider(context).prepare(
    plan({ components: { ...plan().components, etcd: [argument] }, environment: [argument] }),
  );
  const { values, commands } = await prepared.describe({ kind: 'absent' });
  assert.equal(
    [values, commands],
    [
      [
        { name: 'all, environment v', value: '2', source: 's: r' },
        { name: 'etcd --v', value: '2', source: 's: r' },
      ],
      [],
    ],
  );
});

test('one that is there was made from a snapshot, or not; one that is not begins only with one that exists', async (context) => {
  const steps = async (situation: StepInputs['situation'], from: string) =>
    (await provider(context).prepare(plan())).steps({ situation, from, healthTimeoutMs: 1 } as unknown as StepInputs);
  const none = await thrown(UsageError, steps({ kind: 'absent' }, 'base'));
  assert.match(none.message, 'base');
  await remember(context, {}, { from: 'other' });
  const otherwise = await thrown(UsageError, steps({ kind: 'same' }, 'base'));
  assert.is(otherwise.message, 'cluster "dev" exists, and was not made from the snapshot "base"');
  assert.is(otherwise.hint, '`hoist snapshot restore base --name dev` replaces its content.');
  assert.ok((await steps({ kind: 'same' }, 'other')).length > 0);
  // One of other settings is made again, with the snapshot.
  assert.match(
    (await thrown(UsageError, steps({ kind: 'different', differences: [] }, 'base'))).message,
    'no snapshot',
  );
});

test('it starts as it was made, and goes on with a snapshot that was not restored to its end', async (context) => {
  assert.is(await provider(context).resume?.('dev'), undefined);
  await remember(context, {}, { restoring: 'base' });
  const resumption = await provider(context).resume?.('dev');
  assert.is(resumption?.situation.kind, 'damaged');
  const steps = (await resumption?.steps({ healthTimeoutMs: 1 } as never)) ?? [];
  assert.ok(steps.some(({ name }) => name === 'prepare'));
});

async function prepared(context: Context, inputs: object = {}): Promise<{ state: ClusterState; run: EmbeddedRun }> {
  const run = new EmbeddedRun({
    ...{ plan: plan(), layout: layout(context), provided: ['tools/api'] },
    inputs: { situation: { kind: 'absent' }, ...inputs } as unknown as StepInputs,
    deps: { exec, tools: toolsOf(context), sharedPair: '', snapshots: undefined as never },
  });
  await prepareStep(run, []).run({} as StepContext);
  const state = await readState(layout(context).state);
  if (state === undefined) throw new Error('nothing is remembered');
  assert.equal(run.started.state, state);
  return { state, run };
}

test('a new cluster has three ports of its own and credentials, and remembers its snapshot at once', async (context) => {
  const { state, run } = await prepared(context, { from: 'base' });
  assert.equal([state.from, state.restoring, state.processes], ['base', 'base', {}]);
  const ports = Object.values(state.ports) as number[];
  assert.is(new Set(ports).size, 3);
  assert.ok(ports.every((port) => port > 1023));
  assert.is(run.started.server, `https://127.0.0.1:${state.ports.apiserver}`);
  assert.ok(readFileSync(layout(context).tokens, 'utf8').length > 0);
});

test('one that is there keeps its ports, but for those of dead processes that another process has by now', async (context) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const { port: taken } = other.address() as AddressInfo;
    const { pid, startTime } = await daemon(context);
    const alive = { pid, startTime, startedAt: '' };
    const ports = { apiserver: taken, controllerManager: taken, scheduler: 1 };
    await remember(context, { 'kube-apiserver': alive }, { ports, from: 'old' });
    const { state } = await prepared(context, { situation: { kind: 'damaged', reasons: [] }, from: 'new' });
    assert.is(state.ports.apiserver, taken, 'its own process has it');
    assert.is.not(state.ports.controllerManager, taken);
    assert.ok(state.ports.controllerManager > 1023);
    assert.is(state.ports.scheduler, 1, 'nobody has it');
    assert.equal([state.from, state.restoring], ['old', undefined]);
  } finally {
    other.close();
  }
});

test('only arguments of the user are asked of the binaries, which say what they know; ours cannot be set', async (context) => {
  const { run } = await prepared(context);
  const argument = (flag: string, source = 'user') => ({ flag, value: '2', source, reason: 'r' });
  const withFlags = (...args: object[]): ClusterPlan =>
    plan({ components: { ...plan().components, apiserver: args, etcd: [argument('tuned', 'hoist')] } });
  const { deps, inputs } = run;
  const stepOf = (own: ClusterPlan) => {
    const asked: string[] = [];
    const help: typeof exec = ({ file, args }) => {
      asked.push(`${file.split('/').at(-1) ?? ''} ${args.join(' ')}`);
      return Promise.resolve({ exitCode: 0, stdout: '  --max-a int', stderr: '  --max-b int', durationMs: 0 });
    };
    const given = {
      layout: layout(context),
      inputs,
      deps: { ...deps, exec: help },
      provided: [toolStepName('kube-apiserver')],
    };
    return { asked, steps: argumentSteps(new EmbeddedRun({ ...given, plan: own })) };
  };
  assert.equal(stepOf(withFlags()).steps, []);
  const signal = new AbortController().signal;
  const good = stepOf(withFlags(argument('max-a'), argument('max-b'), argument('unknown', 'hoist')));
  assert.equal(
    good.steps.map(({ name, needs }) => [name, needs]),
    [['arguments', [toolStepName('kube-apiserver')]]],
  );
  await good.steps[0]?.run({ signal } as StepContext);
  assert.equal(good.asked, ['kube-apiserver --help']);
  const bad = stepOf(withFlags(argument('max-c'))).steps[0]?.run({ signal } as StepContext);
  const { problems } = await thrown(ConfigError, Promise.resolve(bad));
  assert.equal(problems[0]?.where, 'componentArgs.apiserver.max-c');
  assert.match(problems[0]?.message ?? '', /^kube-apiserver has no flag --max-c; did you mean --max-[ab]\?$/);
  const ours = await provider(context).prepare(withFlags(argument('etcd-servers')));
  const fixed = await thrown(ConfigError, ours.steps(inputs));
  assert.is(fixed.problems[0]?.message, 'hoist sets --etcd-servers of kube-apiserver itself');
});

test.run();
