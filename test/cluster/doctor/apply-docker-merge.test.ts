// Which daemon.json is meant, what is written into it, and what is said where the engine does not take it over.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError, UsageError } from '../../../scripts/base/errors.ts';
import { type Applied, type ApplyOptions, applyDocker } from '../../../scripts/cluster/doctor/apply-docker.ts';
import { DockerUnreachableError } from '../../../scripts/docker/docker-errors.ts';
import { engineInfo } from '../../../scripts/docker/info.ts';
import { settingsSchema } from '../../../scripts/settings/schema.ts';
import { withEngine } from '../../docker/answering.ts';
import { thrown } from '../../kube/helpers.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/doctor/apply-docker');
wired(test);

const MIRROR = 'http://127.0.0.1:5001';
const settings = settingsSchema.parse({ provider: 'k3d', concurrency: 6 });

interface Given extends Partial<ApplyOptions> {
  /** What the engine has taken over. */
  mirrors?: string[];
  /** The port of a cache that runs. */
  port?: string;
  info?: object;
  host?: string;
}

async function apply(context: Wired, given: Given = {}): Promise<Applied> {
  const { mirrors = [], port = '5001', info = {}, host = 'unix:///var/run/docker.sock', ...own } = given;
  let applied: Applied | undefined;
  const cache = {
    State: { Running: true },
    NetworkSettings: { Ports: port === '' ? {} : { '5000/tcp': [{ HostPort: port }] } },
  };
  await withEngine(
    {
      '/info': { NCPU: 4, MemTotal: 2 ** 30, OperatingSystem: 'Linux', RegistryConfig: { Mirrors: mirrors }, ...info },
      '/containers/k3d-hoist-cache-docker-io/json': cache,
    },
    async (engine) => {
      const session = { engine, info: await engineInfo(engine), endpoint: { host, source: 'default' }, env: {} };
      context.wiring.docker = () => Promise.resolve(session as never);
      const options = {
        ...{ file: join(context.folder, 'daemon.json'), pidFile: join(context.folder, 'none.pid') },
        signal: new AbortController().signal,
      };
      applied = await applyDocker(settings, { ...options, ...own }, context.wiring);
    },
  );
  return applied as unknown as Applied;
}
const written = (context: Wired): unknown => JSON.parse(readFileSync(join(context.folder, 'daemon.json'), 'utf8'));

test('a new file: both settings, no backup, and the reason why the engine does not know of them', async (context) => {
  const { file, changes, backup, reloaded, pending } = await apply(context);
  assert.equal(
    [file, changes.length, backup, reloaded],
    [join(context.folder, 'daemon.json'), 2, undefined, undefined],
  );
  assert.equal(written(context), { 'registry-mirrors': [MIRROR], 'max-concurrent-downloads': 6 });
  assert.match(pending ?? '', 'none.pid');
});

test('a file that is there is kept beside it, named by the time; a second time nothing is done', async (context) => {
  context.write('daemon.json', '{ "debug": true }');
  const { backup } = await apply(context);
  assert.is(backup, join(context.folder, 'daemon.json.2026-01-02T03-04-05-000Z.backup'));
  assert.is(readFileSync(backup ?? '', 'utf8'), '{ "debug": true }');
  const again = await apply(context, { mirrors: [`${MIRROR}/`] });
  assert.equal([again.changes, again.backup, again.reloaded, again.pending], [[], undefined, undefined, undefined]);
  const unknown = await apply(context);
  assert.equal(unknown.changes, []);
  assert.match(unknown.pending ?? '', 'none.pid');
});

test('the address that a cache had before goes, and only that one', async (context) => {
  context.write('daemon.json', '{ "registry-mirrors": ["https://mine.example"] }');
  await apply(context);
  context.wiring.now = () => new Date('2026-01-02T03:04:06Z');
  await apply(context, { port: '5002' });
  assert.equal((written(context) as Record<string, unknown>)['registry-mirrors'], [
    'https://mine.example',
    'http://127.0.0.1:5002',
  ]);
});

test('without a cache there is no mirror to wait for', async (context) => {
  const { changes, pending } = await apply(context, { port: '' });
  assert.is(changes.length, 1);
  assert.equal(written(context), { 'max-concurrent-downloads': 6 });
  assert.match(pending ?? '', 'none.pid');
  assert.not(existsSync(join(context.wiring.stateHome, 'docker-mirrors.json')));
  const again = await apply(context, { port: '' });
  assert.equal([again.changes, again.pending], [[], undefined]);
});

test("a rootless engine's file is the user's, and so is its pid file", async (context) => {
  const { folder, wiring } = context;
  const info = { SecurityOptions: ['name=rootless'] };
  const usual = { info, file: undefined, pidFile: undefined };
  assert.is((await apply(context, usual)).file, join(folder, '.config/docker/daemon.json'));
  wiring.env = { ...wiring.env, XDG_CONFIG_HOME: join(folder, 'c'), XDG_RUNTIME_DIR: join(folder, 'r') };
  const { file, pending } = await apply(context, usual);
  assert.is(file, join(folder, 'c/docker/daemon.json'));
  assert.match(pending ?? '', join(folder, 'r/docker.pid'));
});

test('of another machine, and of Docker Desktop, only a file that is named is changed', async (context) => {
  const unnamed = { file: undefined };
  const far = await thrown(UsageError, apply(context, { ...unnamed, host: 'tcp://10.0.0.9:2375' }));
  assert.match(far.message, 'the engine at tcp://10.0.0.9:2375 runs on another machine');
  const desktop = { info: { OperatingSystem: 'Docker Desktop' } };
  assert.match((await thrown(UsageError, apply(context, { ...unnamed, ...desktop }))).message, 'Docker Desktop');
  assert.is((await apply(context, { ...desktop, host: 'tcp://10.0.0.9:2375' })).changes.length, 2);
});

test('no engine is an error', async (context) => {
  const options = { file: undefined, pidFile: undefined, signal: new AbortController().signal };
  const error = await thrown(DockerUnreachableError, applyDocker(settings, options, context.wiring));
  assert.is(error.message, 'no engine here');
});

// Linux alone tells what a process is called.
const onLinux = existsSync('/proc/self/comm') ? test : test.skip;

onLinux('a file that cannot be written says as whom it can', async (context) => {
  const error = await thrown(HoistError, apply(context, { file: '/sys/hoist/daemon.json' }));
  assert.is(error.message, '/sys/hoist/daemon.json cannot be written by this user');
  assert.match(error.hint ?? '', 'sudo -E npx hoist doctor');
});

onLinux(
  'what dockerd has on its command line is left to it, and its own file is the one that is meant',
  async (context) => {
    const { folder } = context;
    const program = context.write('dockerd', '#!/bin/sh\ntrap "exit 0" HUP\necho ready\nwhile :; do read x; done\n');
    chmodSync(program, 0o755);
    const own = context.write('own.json', '{}');
    const dockerd = spawn(program, ['--config-file', own, '--max-concurrent-downloads=9'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(dockerd.stdout, 'data');
      const pidFile = context.write('docker.pid', `${dockerd.pid ?? 0}\n`);
      const applied = await apply(context, { file: undefined, pidFile, mirrors: [MIRROR] });
      assert.equal([applied.file, applied.reloaded, applied.pending], [own, dockerd.pid, undefined]);
      assert.equal(JSON.parse(readFileSync(own, 'utf8')), { 'registry-mirrors': [MIRROR] });
      assert.match(applied.left.join(), 'max-concurrent-downloads');
      assert.not(existsSync(join(folder, 'daemon.json')));
    } finally {
      dockerd.kill('SIGKILL');
    }
  },
);

test.run();
