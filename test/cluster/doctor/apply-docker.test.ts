// `hoist doctor --apply docker`, with a process that calls itself dockerd.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createWorld, BOOTS, type World } from '../../providers/k3d/world.ts';

interface Context {
  world: World;
  file: string;
  dockerd: ChildProcess;
  /** How often dockerd was told to read its file again. */
  reloads: () => number;
  apply(args?: readonly string[]): ReturnType<World['hoist']>;
}

const apply = suite<Context>('doctor --apply docker');

const OURS = 'http://127.0.0.1:5001';
/** Answers SIGHUP by taking the mirrors over, as dockerd does. */
const SCRIPT = `#!/bin/sh
trap 'echo hup >> "$1.reloads"; cp "$1" "$1.live"' HUP
echo ready
while :; do sleep 600 & wait $!; kill $! 2> /dev/null; done
`;

/** Linux alone tells what a process is called. */
const test = existsSync('/proc/self/comm') ? apply : apply.skip;

apply.before.each(async (context) => {
  let file = '';
  const mirrors = (): string[] =>
    existsSync(`${file}.live`)
      ? ((JSON.parse(readFileSync(`${file}.live`, 'utf8')) as Record<string, string[]>)['registry-mirrors'] ?? [])
      : [];
  const world = await createWorld(BOOTS, { mirrors });
  file = join(world.folder, 'etc/docker/daemon.json');
  mkdirSync(dirname(file), { recursive: true });
  const program = join(world.folder, 'dockerd');
  writeFileSync(program, SCRIPT, { mode: 0o755 });
  const dockerd = spawn(program, [file], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  await once(dockerd.stdout, 'data');
  const pidFile = join(world.folder, 'docker.pid');
  writeFileSync(pidFile, `${dockerd.pid ?? 0}\n`);
  const reloads = (): number =>
    existsSync(`${file}.reloads`) ? readFileSync(`${file}.reloads`, 'utf8').trim().split('\n').length : 0;
  world.engine.containers.set('k3d-hoist-cache-docker-io', {
    ...{ id: 'c', name: 'k3d-hoist-cache-docker-io', image: 'registry:2', state: 'running', lines: [], memory: 0 },
    ...{ nanoCpus: 0, startedAt: '', followers: new Set(), labels: { app: 'k3d', 'k3d.role': 'registry' } },
  });
  Object.assign(context, {
    ...{ world, file, dockerd, reloads },
    apply: (args: readonly string[] = []) =>
      world.hoist(['doctor', '--apply', 'docker', ...args], {
        ...{ HOIST_DOCKER_DAEMON_JSON: file, HOIST_DOCKER_PIDFILE: pidFile, CONCURRENCY_LEVEL: '6' },
      }),
  });
});
apply.after.each(async ({ world, dockerd }) => {
  if (dockerd.pid !== undefined) process.kill(-dockerd.pid, 'SIGKILL');
  await world.close();
});

const backups = (file: string): string[] => readdirSync(dirname(file)).filter((name) => name.endsWith('.backup'));

test('merges, backs up beside, has dockerd take it over; a second time: unchanged', async (context) => {
  const { file, reloads, dockerd } = context;
  const before = '{\n    "log-driver": "local",\n    "registry-mirrors": ["https://mine.example"]\n}\n';
  writeFileSync(file, before, { mode: 0o640 });
  const first = await context.apply();
  assert.is(first.code, 0, first.stdout + first.stderr);
  assert.match(first.stdout, `registry-mirrors gets ${OURS}, the cache of docker.io\n`);
  assert.match(first.stdout, 'max-concurrent-downloads was 3, is 6\n');
  assert.match(first.stdout, `dockerd (pid ${dockerd.pid ?? 0}) has taken it over\n`);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')), {
    'log-driver': 'local',
    'registry-mirrors': ['https://mine.example', OURS],
    'max-concurrent-downloads': 6,
  });
  assert.is(statSync(file).mode & 0o777, 0o640);
  const [backup = ''] = backups(file);
  assert.is(readFileSync(join(dirname(file), backup), 'utf8'), before);
  assert.is(reloads(), 1);

  const second = await context.apply();
  assert.is(second.code, 0);
  assert.is(second.stdout, `unchanged: ${file}\n`);
  assert.is(reloads(), 1);
  assert.is(backups(file).length, 1);
});

test('what is no JSON is refused and not touched', async (context) => {
  const { file, reloads } = context;
  writeFileSync(file, '{ "debug": true, }');
  const { code, stderr } = await context.apply();
  assert.is(code, 2);
  assert.match(stderr, `${file}: is no JSON`);
  assert.is(readFileSync(file, 'utf8'), '{ "debug": true, }');
  assert.equal(backups(file), []);
  assert.is(reloads(), 0);
});

test('a file that is not there is made; a link stays a link', async (context) => {
  const { file, world } = context;
  const target = join(world.folder, 'elsewhere.json');
  symlinkSync(target, file);
  const { code, stdout } = await context.apply(['--output', 'json']);
  assert.is(code, 0, stdout);
  const applied = JSON.parse(stdout) as { type: string; changes: string[]; backup?: string };
  assert.is(applied.type, 'doctor.apply');
  assert.is(applied.changes.length, 2);
  assert.is(applied.backup, undefined);
  assert.equal(JSON.parse(readFileSync(target, 'utf8')), {
    'registry-mirrors': [OURS],
    'max-concurrent-downloads': 6,
  });
});

test('no process but dockerd is ever signalled; what is not in force yet is said', async (context) => {
  const { world, file, reloads } = context;
  writeFileSync(join(world.folder, 'docker.pid'), String(process.pid));
  const { code, stdout } = await context.apply();
  assert.is(code, 1);
  assert.match(stdout, `not in force yet: process ${process.pid}, which`);
  assert.match(stdout, 'not dockerd. Restart dockerd.');
  assert.is(reloads(), 0);
  // The file is right by now: the next run only has it taken over.
  writeFileSync(join(world.folder, 'docker.pid'), String(context.dockerd.pid));
  const again = await context.apply();
  assert.is(again.code, 0, again.stdout);
  assert.match(again.stdout, `unchanged: ${file}\ndockerd (pid`);
  assert.is(reloads(), 1);
});

test('without a cache only the downloads are set, and the address of one that was there goes', async (context) => {
  const { world, file } = context;
  await context.apply();
  world.engine.containers.clear();
  const { code, stdout } = await context.apply();
  assert.is(code, 0, stdout);
  assert.match(stdout, `registry-mirrors loses ${OURS}`);
  assert.match(stdout, 'left: no cache of docker.io runs');
  assert.equal(JSON.parse(readFileSync(file, 'utf8')), { 'registry-mirrors': [], 'max-concurrent-downloads': 6 });
});

test('an engine on another machine, and another word after --apply, are refused', async ({ world }) => {
  const other = await world.hoist(['doctor', '--apply', 'podman']);
  assert.is(other.code, 2);
  assert.match(other.stderr, '--apply must be docker');
  const none = await world.hoist(['doctor', '--apply', 'docker'], { DOCKER_HOST: 'unix:///nowhere' });
  assert.is(none.code, 1);
  assert.match(none.stderr, 'no Docker engine answers');
});

apply.run();
