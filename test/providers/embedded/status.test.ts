// What an embedded cluster looks like by its processes: stopped, some of them ended, suspended, or never started.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type DaemonHandle, type StartedDaemon, startDaemon, stopDaemon } from '../../../scripts/host/daemon.ts';
import { layoutOf } from '../../../scripts/providers/embedded/layout.ts';
import { type ProcessName, processNames, writeState } from '../../../scripts/providers/embedded/state.ts';
import { clusterStatus } from '../../../scripts/providers/embedded/status.ts';
import type { ClusterStatus } from '../../../scripts/providers/provider.ts';

const test = suite<{ folder: string; running: StartedDaemon }>('providers/embedded/status');

test.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-status-'));
  context.running = await startDaemon({
    file: 'sleep',
    args: ['60'],
    cwd: context.folder,
    logFile: join(context.folder, 'log'),
  });
});
test.after.each(async ({ folder, running }) => {
  process.kill(running.pid, 'SIGCONT');
  await stopDaemon(running, { graceMs: 1_000 });
  rmSync(folder, { recursive: true });
});

const GONE: DaemonHandle = { pid: 4194304, startTime: 'x' };

async function status(
  folder: string,
  handles: Partial<Record<ProcessName, DaemonHandle>>,
  logs: Partial<Record<ProcessName, string>> = {},
): Promise<ClusterStatus | undefined> {
  const layout = layoutOf(folder, 'dev');
  mkdirSync(layout.logs, { recursive: true });
  for (const [name, text] of Object.entries(logs)) writeFileSync(layout.log(name), text);
  const startedAt = new Date(Date.now() - 7_000).toISOString();
  const processes = Object.fromEntries(
    Object.entries(handles).map(([name, { pid, startTime }]) => [name, { pid, startTime, startedAt }]),
  );
  await writeState(layout.state, {
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    plan: {} as never,
    ports: { apiserver: 1, controllerManager: 2, scheduler: 3 },
    processes,
  });
  return clusterStatus('dev', layout);
}
const lines = (found: ClusterStatus | undefined): string[] =>
  (found?.components ?? []).map(({ name, ok, detail }) => `${ok ? '+' : '-'} ${name}: ${detail}`);
const all = (handle: DaemonHandle): Record<ProcessName, DaemonHandle> =>
  Object.fromEntries(processNames.map((name) => [name, handle])) as Record<ProcessName, DaemonHandle>;

test('none of that name', async ({ folder }) => {
  assert.is(await clusterStatus('none', layoutOf(folder, 'none')), undefined);
});

test('where all have ended, the cluster is stopped, and no log explains it', async ({ folder }) => {
  const found = await status(folder, all(GONE), { etcd: 'last words\n' });
  assert.is(found?.state, 'stopped');
  assert.equal(
    lines(found),
    [...processNames, 'api'].map((name) => `- ${name}: stopped`),
  );
  assert.equal(
    [found?.ports, found?.server, found?.createdAt],
    [{ apiserver: 1, controllerManager: 2, scheduler: 3 }, 'https://127.0.0.1:1', '2026-01-01T00:00:00Z'],
  );
});

test('of one alone its last words say why; the others run', async ({ folder, running }) => {
  const found = await status(
    folder,
    { ...all(running), 'kube-scheduler': GONE, kwok: GONE },
    { 'kube-scheduler': `first\n${'x'.repeat(300)}\n` },
  );
  assert.is(found?.state, 'degraded');
  const [etcd, , , scheduler, kwok, api] = found?.components ?? [];
  assert.equal(
    [etcd?.ok, etcd?.detail, etcd?.pid, Math.round((etcd?.ageMs ?? 0) / 10_000)],
    [true, 'running', running.pid, 1],
  );
  assert.match(scheduler?.detail ?? '', /^ended: x{100,}/);
  assert.ok((scheduler?.detail.length ?? 0) < 280);
  assert.equal([kwok?.detail, api?.detail, api?.ok], ['ended', 'has no credentials yet', false]);
});

test('one that was never started', async ({ folder, running }) => {
  const found = await status(folder, { etcd: running });
  assert.equal(lines(found).slice(0, 2), [
    '+ etcd: running',
    '- kube-apiserver: not started yet: the run that was to start it ended before',
  ]);
  assert.is(found?.state, 'degraded');
  assert.is((await status(folder, {}))?.state, 'stopped');
});

test('suspended processes: the cluster is not stopped, and an API that sleeps is not waited for', async ({
  folder,
  running,
}) => {
  if (process.platform !== 'linux') return;
  process.kill(running.pid, 'SIGSTOP');
  // The signal has been sent when this returns, and not yet arrived.
  while (!readFileSync(`/proc/${running.pid}/stat`, 'utf8').includes(') T ')) await setImmediate();
  const found = await status(folder, { ...all(GONE), 'kube-apiserver': running });
  assert.is(found?.state, 'degraded');
  assert.match(lines(found)[1] ?? '', /^- kube-apiserver: suspended by a run that is at work/);
  assert.is(lines(found).at(-1), '- api: suspended');
  const other = await status(folder, { ...all(GONE), kwok: running });
  assert.is(lines(other).at(-1), '- api: has no credentials yet');
});

test.run();
