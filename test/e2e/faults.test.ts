// What can go wrong, on real processes: each ends with a clear sentence, the right code, and nothing left behind.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SMALL, type World, createWorld } from './hoist.ts';

const faults = suite<{ world: World }>('embedded: faults', { world: undefined as unknown as World });

faults.before.each((context) => {
  context.world = createWorld();
  context.world.write('config/cluster.yaml', SMALL);
});
faults.after.each(({ world }) => world.close());

/** Summaries are wrapped at 80 columns. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

const root = process.getuid?.() === 0;
const stateOf = (world: World): { processes: Record<string, { pid: number }>; ports: Record<string, number> } =>
  JSON.parse(world.read('state/hoist/clusters/small/state.json')) as ReturnType<typeof stateOf>;

faults('settings that are wrong: all errors at once, exit 2, nothing made', async ({ world }) => {
  world.write('config/cluster.yaml', 'name: small\nagents: two\nnamespaecs: [a]\n');
  const { code, stderr } = await world.hoist(['up'], { NAMESPACES: 'Bad_Name' });
  assert.is(code, 2);
  assert.match(stderr, 'config/cluster.yaml:2:9: agents must be a whole number, not "two"');
  assert.match(stderr, '  2 | agents: two');
  assert.match(stderr, 'did you mean "namespaces"?');
  assert.match(stderr, 'env NAMESPACES: ');
  assert.not.ok(existsSync(world.state));
});

faults('a secret from a missing env variable', async ({ world }) => {
  world.write('config/cluster.yaml', `${SMALL}secrets:\n  - name: api\n    data:\n      token: { env: API_TOKEN }\n`);
  const { code, stderr } = await world.hoist(['up']);
  assert.is(code, 2);
  assert.match(stderr, 'config/cluster.yaml:6:14: secret "api": the env variable API_TOKEN is not set');
  assert.equal(world.processes(), []);
});

faults('manifests that cannot be read, and one with an unknown kind', async ({ world }) => {
  world.write('config/extra/broken.yaml', 'a: [\n');
  world.write('config/cluster.yaml', `${SMALL}manifests: [extra, missing]\n`);
  const unread = await world.hoist(['up']);
  assert.is(unread.code, 2);
  assert.match(unread.stderr, 'config/extra/broken.yaml:2:1');
  assert.match(unread.stderr, 'config/missing: there is no such file or folder');
  assert.equal(world.processes(), []);

  world.write('config/extra/broken.yaml', 'apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: x}\n');
  world.write('config/cluster.yaml', `${SMALL}manifests: [extra]\n`);
  const unknown = await world.hoist(['up']);
  assert.is(unknown.code, 2);
  assert.match(unknown.stdout, 'Deploymnet');
  assert.match(unknown.stdout, 'Deployment');
  assert.match(unknown.stdout, 'The partial cluster was kept');
});

faults("users' component arguments are checked against the binary before anything is made", async ({ world }) => {
  world.write('config/cluster.yaml', `${SMALL}componentArgs:\n  controllerManager: { kube-api-qsp: 5 }\n`);
  const unknown = await world.hoist(['up']);
  assert.is(unknown.code, 2);
  assert.match(
    flat(unknown.stdout),
    'kube-controller-manager has no flag --kube-api-qsp; did you mean --kube-api-qps?',
  );
  assert.not.ok(existsSync(join(world.state, 'hoist/clusters/small')));
  world.write('config/cluster.yaml', `${SMALL}componentArgs:\n  apiserver: { secure-port: 1 }\n`);
  const fixed = await world.hoist(['up']);
  assert.is(fixed.code, 2);
  assert.match(fixed.stderr, 'hoist sets --secure-port of kube-apiserver itself');
});

faults('a binary that dies at start: its last lines and exit 5', async ({ world }) => {
  const fake = world.write(
    'fake-etcd',
    '#!/bin/sh\necho "etcd Version: 3.6.4"\n[ "$1" = --version ] && exit 0\necho "panic: the disk is made of cheese" >&2\nexit 3\n',
  );
  chmodSync(fake, 0o755);
  const { code, stdout } = await world.hoist(['up'], { HOIST_TOOL_ETCD: fake });
  assert.is(code, 5);
  assert.match(flat(stdout), 'etcd ended (3) before it was ready');
  assert.match(flat(stdout), 'panic: the disk is made of cheese');
  assert.is((await world.hoist(['up'])).code, 0);
});

faults('a port that somebody takes is chosen again when the cluster is healed', async ({ world }) => {
  assert.is((await world.hoist(['up'])).code, 0);
  const { processes, ports } = stateOf(world);
  for (const { pid } of Object.values(processes)) process.kill(pid, 'SIGKILL');
  const port = ports['apiserver'] ?? 0;
  const squatter = createServer();
  for (let listening = false; !listening; listening = squatter.listening) {
    await new Promise<void>((resolve) => {
      squatter.once('error', () => resolve());
      squatter.listen(port, '127.0.0.1', resolve);
    });
    await sleep(50);
  }
  try {
    const { code, stdout } = await world.hoist(['up']);
    assert.is(code, 0, stdout);
    assert.is.not(stateOf(world).ports['apiserver'], port);
    assert.is((await world.hoist(['status'])).code, 0);
  } finally {
    squatter.close();
  }
});

faults('kube-apiserver killed during up: exit 5 and its log, and the next up succeeds', async ({ world }) => {
  const { ended } = world.start(['up']);
  const file = join(world.state, 'hoist/clusters/small/state.json');
  let pid: number | undefined;
  while (pid === undefined) {
    await sleep(5);
    if (existsSync(file)) pid = stateOf(world).processes['kube-apiserver']?.pid;
  }
  process.kill(pid, 'SIGKILL');
  const { code, stdout } = await ended;
  assert.is(code, 5);
  assert.match(flat(stdout), 'kube-apiserver ended (SIGKILL) before it was ready');
  assert.is((await world.hoist(['up'])).code, 0);
});

faults('two runs of one name at once: the second says that it waits, and both end well', async ({ world }) => {
  const runs = await Promise.all([world.hoist(['up']), world.hoist(['up'])]);
  assert.equal(
    runs.map((r) => r.code),
    [0, 0],
  );
  assert.is(runs.filter((r) => r.stderr.includes('waiting: another hoist process is using cluster "small"')).length, 1);
  assert.is(world.processes().length, 5);
});

(root ? faults.skip : faults)('a state folder that cannot be written', async ({ world }) => {
  mkdirSync(world.state, { mode: 0o500 });
  const { code, stderr } = await world.hoist(['up']);
  assert.is(code, 1);
  assert.match(stderr, world.state);
});

faults('a state folder that is a file', async ({ world }) => {
  writeFileSync(world.state, '');
  const { code, stderr } = await world.hoist(['up']);
  assert.is.not(code, 0);
  assert.match(stderr, world.state);
  assert.not.match(stderr, 'bug in hoist');
});

const mounts = root && spawnSync('mount', ['--version']).status === 0 && canMount();
(mounts ? faults : faults.skip)('a full disk: said so, and the next up with room succeeds', async ({ world }) => {
  mkdirSync(world.state);
  assert.is(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', world.state]).status, 0);
  try {
    const { code, stdout, stderr } = await world.hoist(['up']);
    assert.is.not(code, 0);
    assert.match(flat(stdout + stderr), /no space left on device|ENOSPC/);
    await world.hoist(['down', '--all']);
  } finally {
    spawnSync('umount', ['--lazy', world.state]);
  }
  assert.is((await world.hoist(['up'])).code, 0);
});

function canMount(): boolean {
  const folder = createWorld().folder;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  return mounted;
}

faults('Ctrl-C at 20 moments: nothing runs that status does not show, and the next up succeeds', async ({ world }) => {
  // Seeded, so that a failure can be repeated.
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  for (let i = 0; i < 20; i++) {
    const { child, ended } = world.start(['up', '--quiet']);
    await sleep(200 + random() * 3_000);
    child.kill('SIGINT');
    const { code } = await ended;
    // null: the signal came before node had loaded what handles it, when nothing was made yet.
    assert.ok(code === 130 || code === 0 || code === null, `round ${i}: exit ${code ?? 'by the signal'}`);
    const alive = world.processes();
    const file = join(world.state, 'hoist/clusters/small/state.json');
    const known = existsSync(file)
      ? Object.values((JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof stateOf>).processes)
      : [];
    assert.equal(
      alive.filter((pid) => !known.some((p) => p.pid === pid)),
      [],
      `round ${i}: unknown processes`,
    );
    if (i % 4 === 3) assert.is((await world.hoist(['down'])).code, 0);
  }
  assert.is((await world.hoist(['up'])).code, 0);
  assert.is((await world.hoist(['status'])).code, 0);
  await world.hoist(['down']);
  assert.equal(world.processes(), []);
});

faults.run();
