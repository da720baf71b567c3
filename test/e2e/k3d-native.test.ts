// Configs of k3d's own format, and kubeconfigs as they are mounted, with real k3d; skipped where there is none.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { inspectContainer } from '../../scripts/docker/containers.ts';
import { execInContainer } from '../../scripts/docker/exec-in.ts';
import { type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, NODE_IMAGE, session } from './k3d.ts';

/** Named by the config alone. */
const NAME = 'hoist-native';
const { remains } = clustersOf(NAME);

const native = suite<{ world: World }>('k3d: its own configs', { world: undefined as unknown as World });
const test = canMake ? native : native.skip;

native.before((context) => void (context.world = createWorld()));
native.after(async ({ world }) => {
  if (canMake) await world.hoist(['down', NAME, '--quiet'], env());
  await world.close();
  session?.engine.close();
});

const OTHERS = stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'prod',
  clusters: [{ name: 'prod', cluster: { server: 'https://prod.example:6443' } }],
  contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'prod' } }],
  users: [{ name: 'prod', user: { token: 'x' } }],
});

/** A config with a file beside it, below a folder that hoist is not started in. */
function configure(world: World, kubeconfig: object): void {
  const config = {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name: NAME },
    image: NODE_IMAGE,
    servers: 1,
    agents: 0,
    files: [
      { source: 'beside.yaml', destination: 'k3s-manifests/beside.yaml', nodeFilters: ['server:*'] },
      { source: 'one\ntwo\n', destination: '/etc/hoist-text', nodeFilters: ['server:*'] },
    ],
    options: { k3d: { disableLoadbalancer: true }, kubeconfig },
  };
  world.write('my project/k3d.yaml', stringify(config));
  world.write('my project/beside.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: beside}\n');
  const k3d = { config: 'k3d.yaml', caches: false, volumes: ['./data:/data@server:0'] };
  world.write('my project/cluster.yaml', stringify({ extends: 'minimal', provider: 'k3d', k3d }));
  mkdirSync(join(world.folder, 'my project/data'), { recursive: true });
  world.write('my project/data/x', 'of the project');
}

const CONFIG = ['--config', 'my project/cluster.yaml'];

test('its name, files and volumes beside it count, and it leaves the kubeconfig alone where it says so', async ({
  world,
}) => {
  world.write('kubeconfig', OTHERS);
  configure(world, { updateDefaultKubeconfig: false, switchCurrentContext: false });
  const up = await world.hoist(['up', ...CONFIG], env());
  assert.is(up.code, 0, up.stdout + up.stderr);
  assert.is(world.read('kubeconfig'), OTHERS);
  const [server = ''] = (await remains()).filter((name) => name.endsWith('-server-0'));
  const files = '/var/lib/rancher/k3s/server/manifests/beside.yaml /etc/hoist-text /data/x';
  const { output } = await execInContainer(engine(), server, ['sh', '-c', `cat ${files}`]);
  assert.match(output, /name: beside\}\none\ntwo\nof the project/);
  const { HostConfig } = await inspectContainer(engine(), server);
  assert.ok(JSON.stringify(HostConfig).includes(`${world.folder}/my project/data:/data`));
  // Without an operand it is the same cluster.
  const down = await world.hoist(['down', ...CONFIG], env());
  assert.match(down.stdout, `removed cluster "${NAME}" (k3d)`);
  assert.equal(await remains(), []);
});

test('the current context stays where the config says so, and a kubeconfig that is a mount of its own is written', async ({
  world,
}) => {
  configure(world, { switchCurrentContext: false });
  const mounted = join(world.folder, 'kubeconfig');
  writeFileSync(mounted, OTHERS);
  const source = world.write('mounted', OTHERS);
  const isMounted = spawnSync('mount', ['--bind', source, mounted]).status === 0;
  try {
    const up = await world.hoist(['up', ...CONFIG], env());
    assert.is(up.code, 0, up.stdout + up.stderr);
    const text = readFileSync(isMounted ? source : mounted, 'utf8');
    assert.match(text, `hoist-${NAME}`);
    assert.match(text, /current-context: "?prod"?/);
    const down = await world.hoist(['down', ...CONFIG], env());
    assert.is(down.code, 0, down.stdout + down.stderr);
    assert.not.match(readFileSync(isMounted ? source : mounted, 'utf8'), `hoist-${NAME}`);
  } finally {
    if (isMounted) execFileSync('umount', [mounted]);
  }
});

test('a file that is not there is refused before anything is made, and a name that no cluster can have', async ({
  world,
}) => {
  configure(world, {});
  world.write('my project/k3d.yaml', world.read('my project/k3d.yaml').replace('beside.yaml', 'nowhere.yaml'));
  const missing = await world.hoist(['up', ...CONFIG], env());
  assert.is(missing.code, 2, missing.stdout + missing.stderr);
  assert.match(missing.stderr, /k3d\.yaml:\d+:\d+: there is no file .*my project\/nowhere\.yaml/);
  configure(world, {});
  world.write('my project/k3d.yaml', world.read('my project/k3d.yaml').replace(NAME, '../../x'));
  const strange = await world.hoist(['up', ...CONFIG], env());
  assert.is(strange.code, 2, strange.stdout + strange.stderr);
  assert.match(strange.stderr, 'metadata.name must be lower-case letters');
  assert.equal(await remains(), []);
});

native.run();
