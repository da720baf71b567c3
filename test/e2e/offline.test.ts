// Offline bundles for real: saved with a network, used in a namespace without one and with an empty home.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, type World, createWorld } from './hoist.ts';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
const SECRET = 'only-the-environment-has-it';
const KEY = 'only-a-file-beside-the-settings-has-it';

/** Whether this user may make a network namespace in which only the loopback interface is. */
function hasNamespaces(): boolean {
  try {
    execFileSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const offline = suite<{ world: World }>('offline bundles', { world: undefined as unknown as World });
const withNamespace = hasNamespaces() ? offline : offline.skip;

offline.before((context) => {
  const world = (context.world = createWorld());
  world.write(
    'here/config/cluster.yaml',
    `name: off
namespaces: [one]
agents: 1
manifests: [../objects, ../one.json]
secrets: [{ name: login, data: { password: { env: LOGIN }, key: { file: ./key } } }]
services:
  - { name: web, chart: ../web, namespace: one, valuesFiles: [../web.yaml], values: { color: blue } }
`,
  );
  world.write('here/config/key', KEY);
  world.write('here/objects/sub/a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: one }\n');
  world.write('here/objects/b.yml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b, namespace: one }\n');
  world.write('here/one.json', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"one"}}');
  world.write('here/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.0.0\n');
  world.write(
    'here/web/templates/config.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { color: "{{ .Values.color }}", size: "{{ .Values.size }}" }\n',
  );
  world.write('here/web.yaml', 'size: "7"\ncolor: red\n');
});
offline.after(({ world }) => world.close());

/** In the folder `here`, where the settings are. */
const save = (world: World, ...args: string[]): Promise<Ended> =>
  world.hoist(['bundle', 'save', 'dev.bundle', '--config', 'here/config/cluster.yaml', ...args], { LOGIN: SECRET });

/** Runs a shell in a namespace without a network, with a home that has nothing, elsewhere than where it was saved. */
function away(world: World, home: string, script: string): Promise<Ended> {
  const folder = join(world.folder, home);
  mkdirSync(folder, { recursive: true });
  const child = spawn('unshare', ['-n', 'sh', '-ec', `ip link set lo up\n${script}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: world.state, LOGIN: SECRET, HOIST: BIN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

offline('what is saved has everything but the secrets, and says what it has not', async ({ world }) => {
  const saved = await save(world);
  assert.is(saved.code, 0, saved.stderr);
  assert.match(saved.stdout, /secret: the env variable LOGIN/);
  assert.match(saved.stdout, /secret: the file \.\/key/);
  assert.match(saved.stdout, /saved dev\.bundle: 6 tools, 0 images, 6 files/);
  const bytes = readFileSync(join(world.folder, 'dev.bundle'));
  for (const secret of [SECRET, KEY]) assert.not.ok(bytes.includes(secret));
  assert.not.ok(readdirSync(world.folder).some((name) => name.includes('.partial')));
});

offline('verify names the content, and refuses another digest', async ({ world }) => {
  const verified = await world.hoist(['bundle', 'verify', 'dev.bundle', '--output', 'json']);
  assert.is(verified.code, 0, verified.stderr);
  const { digest, tools } = JSON.parse(verified.stdout) as { digest: string; tools: { name: string }[] };
  assert.equal(tools.map(({ name }) => name).sort(), [
    'etcd',
    'helm',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kwok',
  ]);
  assert.is((await world.hoist(['bundle', 'verify', 'dev.bundle', digest])).code, 0);
  const other = await world.hoist(['bundle', 'verify', 'dev.bundle', `sha256:${'0'.repeat(64)}`]);
  assert.is(other.code, 5);
  assert.match(other.stderr, /it is another one/);
});

withNamespace('up needs nothing else: no network, an empty home, another folder', async ({ world }) => {
  mkdirSync(join(world.folder, 'away'), { recursive: true });
  writeFileSync(join(world.folder, 'away/key'), 'a key of there');
  const { code, stdout, stderr } = await away(
    world,
    'away',
    `"$HOIST" up --bundle ../dev.bundle
    "$HOIST" up --bundle ../dev.bundle --output json > second.json
    "$HOIST" status off --output json
    "$HOIST" down off --quiet`,
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /cluster off is ready/);
  assert.match(readFileSync(join(world.folder, 'away/second.json'), 'utf8'), /"unchanged"/);
  assert.ok(existsSync(join(world.folder, 'away/.cache/hoist/tools/etcd')));
});

withNamespace('a damaged one is refused, and nothing of it is used', async ({ world }) => {
  const bytes = readFileSync(join(world.folder, 'dev.bundle'));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(join(world.folder, 'damaged.bundle'), bytes);
  const { code, stderr } = await away(world, 'elsewhere', '"$HOIST" up --bundle ../damaged.bundle');
  assert.is(code, 5, stderr);
  assert.match(stderr, /not what its manifest says/);
  assert.not.ok(existsSync(join(world.folder, 'elsewhere/.cache/hoist/tools')));
});

offline('charts of repositories are packed as they were chosen, without the repository', async ({ world }) => {
  world.write('repo/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.2.3\n');
  execFileSync('tar', ['czf', 'web-1.2.3.tgz', 'web'], { cwd: join(world.folder, 'repo') });
  const archive = readFileSync(join(world.folder, 'repo/web-1.2.3.tgz'));
  const index =
    'apiVersion: v1\nentries:\n  web:\n    - name: web\n      version: 1.2.3\n      urls: [web-1.2.3.tgz]\n';
  const server = createServer((request, response) => {
    response.end(request.url === '/index.yaml' ? index : archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  world.write(
    'repo.yaml',
    `name: off
resources: { cluster: [], eachNamespace: [] }
helm: { repos: [{ name: mine, url: 'http://127.0.0.1:${port}', username: { env: LOGIN }, password: { env: LOGIN } }] }
services: [{ name: web, chart: mine/web, version: ~1.2 }]
`,
  );
  const saved = await world.hoist(['bundle', 'save', 'repo.bundle', '--config', 'repo.yaml'], { LOGIN: SECRET });
  server.close();
  assert.is(saved.code, 0, saved.stderr);
  const path = join(world.folder, 'repo.bundle');
  assert.not.ok(readFileSync(path).includes(SECRET));
  const text = execFileSync('tar', ['xOf', path, 'hoist-bundle.json'], { encoding: 'utf8' });
  const { settings } = JSON.parse(text) as { settings: { tree: { helm: object; services: object[] } } };
  assert.equal(settings.tree.services, [{ name: 'web', chart: 'charts/0/web-1.2.3.tgz' }]);
  assert.equal(settings.tree.helm, {});
});

offline('settings are those of the bundle: others beside it are refused', async ({ world }) => {
  const { code, stderr } = await world.hoist(['up', '--bundle', 'dev.bundle', '--profile', 'minimal', '--plan']);
  assert.is(code, 2);
  assert.match(stderr, /--bundle has the settings in it/);
});

offline('a save that is killed leaves the old bundle, and the next one goes on', async ({ world }) => {
  const before = readFileSync(join(world.folder, 'dev.bundle'));
  const { child, ended } = world.start(
    ['bundle', 'save', 'dev.bundle', '--config', 'here/config/cluster.yaml', '--output', 'json'],
    { LOGIN: SECRET },
  );
  const partial = join(world.folder, '.dev.bundle.partial');
  // The last of the files is the first tool; what was written until then is kept.
  while (!existsSync(partial) || statSync(partial).size < 2 ** 20) await new Promise(setImmediate);
  child.kill('SIGKILL');
  await ended;
  assert.ok(readFileSync(join(world.folder, 'dev.bundle')).equals(before));
  const again = await save(world);
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stderr, /parts? of an interrupted save/);
  assert.is((await world.hoist(['bundle', 'verify', 'dev.bundle'])).code, 0);
});

offline.run();
