// The folder of a viewer, who may read in it, and what is said of a process that ends; without a control plane.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../scripts/base/errors.ts';
import { isAlive, type StartedDaemon, startDaemon, stopDaemon } from '../../../scripts/host/daemon.ts';
import { exec } from '../../../scripts/host/execa.ts';
import { Viewer } from '../../../scripts/providers/viewer/viewer.ts';
import { thrown } from '../../kube/helpers.ts';

interface Context {
  parent: string;
  viewers: Viewer[];
  prepare(): Promise<Viewer>;
}

const test = suite<Context>('viewer/viewer');
const { signal } = new AbortController();

test.before.each((context) => {
  const home = mkdtempSync(join(tmpdir(), 'hoist-viewer-'));
  context.parent = join(home, 'viewers');
  context.viewers = [];
  context.prepare = async () => {
    const one = await Viewer.prepare({ parent: context.parent, sharedPair: join(home, 'serving.pem'), exec }, signal);
    context.viewers.push(one);
    return one;
  };
});
test.after.each(async ({ parent, viewers }) => {
  await Promise.all(viewers.map((one) => one.close()));
  rmSync(join(parent, '..'), { recursive: true });
});

test("its folder is the user's alone, and goes when it is closed", async ({ parent, prepare }) => {
  const viewer = await prepare();
  assert.is(statSync(viewer.folder).mode & 0o777, 0o700);
  for (const file of readdirSync(viewer.folder)) assert.is(statSync(join(viewer.folder, file)).mode & 0o77, 0, file);
  assert.match(viewer.server, /^https:\/\/127\.0\.0\.1:[1-9]\d+$/);
  await viewer.close();
  assert.equal(readdirSync(parent), []);
});

test('hoist itself may do everything, who gets the kubeconfig only read', async ({ prepare }) => {
  const viewer = await prepare();
  const { server, ca, token } = await viewer.connection();
  assert.equal([server, ca], [viewer.server, (await viewer.pair()).certificate]);
  const rows = readFileSync(viewer.path('tokens'), 'utf8').trim().split('\n');
  assert.equal(
    rows.map((row) => row.split(',').slice(1)),
    [
      ['admin', 'admin', '"system:masters"'],
      ['viewer', 'viewer'],
    ],
  );
  const [admin, reader] = rows.map((row) => row.split(',')[0] ?? '');
  assert.is(token, admin);
  const kubeconfig = readFileSync(await viewer.writeKubeconfig(), 'utf8');
  assert.match(kubeconfig, reader ?? '-');
  assert.is(kubeconfig.includes(admin ?? ''), false);
  assert.match(kubeconfig, viewer.server);
});

test('what viewers left that were killed goes with its processes; those that run, and what is none, stay', async (context) => {
  const { parent, prepare } = context;
  const running = await prepare();
  const left: StartedDaemon = await startDaemon({ file: 'sleep', args: ['60'], logFile: join(parent, 'log') });
  const folder = join(parent, '4194304-00000a');
  mkdirSync(folder);
  const handle = { pid: left.pid, startTime: left.startTime };
  const state = { version: 1, owner: { pid: 4194304, startTime: 'x' }, processes: [handle] };
  writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
  for (const [name, text] of [
    ['1-00000b', ''],
    ['1-00000c', JSON.stringify({ ...state, version: 2 })],
    ['1-00000d', JSON.stringify({ ...state, processes: {} })],
    ['mine', JSON.stringify(state)],
  ] as const) {
    mkdirSync(join(parent, name));
    writeFileSync(join(parent, name, 'state.json'), text);
  }
  try {
    await prepare();
    assert.equal([existsSync(folder), await isAlive(handle)], [false, false]);
    for (const name of ['1-00000b', '1-00000c', '1-00000d', 'mine']) assert.ok(existsSync(join(parent, name)), name);
    assert.ok(existsSync(running.folder));
  } finally {
    await stopDaemon(left, { graceMs: 0 });
  }
});

test('a viewer whose own process was killed is one of those that go', async ({ prepare }) => {
  const killed = await prepare();
  const path = killed.path('state');
  const state = JSON.parse(readFileSync(path, 'utf8')) as { owner: { pid: number } };
  assert.is(state.owner.pid, process.pid);
  writeFileSync(path, JSON.stringify({ ...state, owner: { pid: 4194304, startTime: 'x' } }));
  const next = await prepare();
  assert.equal([existsSync(killed.folder), existsSync(next.folder)], [false, true]);
});

test('a process that ends stops what waits for it, with the last lines that it wrote', async ({ prepare, parent }) => {
  const viewer = await prepare();
  const script = join(parent, 'server');
  writeFileSync(script, '#!/bin/sh\nfor i in 1 2 3 4 5 6 7; do echo "line $i"; done\n', { mode: 0o755 });
  await viewer.startApiServer(script);
  let aborted = false;
  const waiting = viewer.guard((until) => {
    // A daemon does not keep this process running; what waits for one does.
    const work = setInterval(() => undefined, 1_000);
    until.addEventListener('abort', () => {
      aborted = true;
      clearInterval(work);
    });
    return new Promise(() => undefined);
  }, signal);
  const { message } = await thrown(CreationError, waiting);
  const lines = [2, 3, 4, 5, 6, 7].map((i) => `  line ${i}`);
  assert.is(message, ['kube-apiserver ended unexpectedly:', ...lines].join('\n'));
  assert.ok(aborted);
  const state = JSON.parse(readFileSync(viewer.path('state'), 'utf8')) as { processes: object[] };
  assert.is(state.processes.length, 1);
});

test('what ends well ends as it does, and an etcd that ends at once is named', async ({ prepare }) => {
  const viewer = await prepare();
  assert.is(await viewer.guard(() => Promise.resolve(7), signal), 7);
  const { message } = await thrown(CreationError, viewer.startEtcd('/bin/false', signal));
  assert.match(message, /^etcd ended unexpectedly:/);
});

test.run();
