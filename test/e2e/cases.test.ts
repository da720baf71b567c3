// Files and days of people, on a real control plane; kubectl and helm say what is right where they are there.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheHome } from '../../scripts/host/paths.ts';
import { hasKubectl } from '../kube/manifests/kubectl-judge.ts';
import { helmPath } from '../services/helm/workshop.ts';
import { type Ended, type World, createWorld } from './hoist.ts';

const cases = suite<{ world: World }>('cases', undefined);
const withKubectl = hasKubectl ? cases : cases.skip;
const withHelm = helmPath !== undefined && hasKubectl ? cases : cases.skip;

const SOURCE = fileURLToPath(new URL('../fixtures/cases', import.meta.url));

cases.before((context) => {
  context.world = createWorld();
  cpSync(SOURCE, join(context.world.folder, 'cases'), { recursive: true, verbatimSymlinks: true });
});
cases.after(({ world }) => world.close());

const NAME = 'cases';
const up = (world: World, ...args: string[]): Promise<Ended> =>
  world.hoist(['up', '--profile', 'minimal', '--name', NAME, ...args], { CLUSTER_NAME: NAME });
/** With the settings of a case, but on the cluster of all of them. */
const configured = (world: World, config: string, ...args: string[]): Promise<Ended> =>
  world.hoist(['up', '--config', `cases/${config}`, '--name', NAME, ...args]);
const told = ({ stdout, stderr }: Ended): string => stdout + stderr;

function kubectl(world: World, ...args: string[]): string {
  const kubeconfig = join(world.state, 'hoist/clusters', NAME, 'kubeconfig');
  return execFileSync('kubectl', ['--kubeconfig', kubeconfig, ...args]).toString();
}
const get = (world: World, what: string, path: string, ...more: string[]): string =>
  kubectl(world, 'get', ...what.split(' '), ...more, '-o', `jsonpath=${path}`);

withKubectl('texts, large integers and folded quotes reach the cluster as they are', async ({ world }) => {
  // The server itself reads a `maximum` of 64 bits as a float, and then refuses all values.
  const numbers = world.read('cases/07-misc/int64.yaml').replace(', maximum: 9223372036854775807', '');
  world.write('cases/07-misc/int64.yaml', numbers);
  const files = [
    '01-lone-dot',
    '07-misc/int64.yaml',
    '07-misc/foldquote.yaml',
    '07-misc/bom.json',
    '15-same-namespace-twice',
  ];
  const ended = await up(world, '--manifests', files.map((file) => `cases/${file}`).join(','));
  assert.is(ended.code, 0, told(ended));
  assert.equal(JSON.parse(get(world, 'configmap tag', '{.data}')), {
    context: '.',
    kept: 'x',
    size: 'e2',
    tag: '12e4567',
  });
  assert.is(get(world, 'configmap tag', '{.metadata.labels.commit}'), 'e1234567');
  assert.is(get(world, 'pod builder', '{.spec.containers[0].command[1]}{.spec.containers[0].env[0].value}'), '..');
  assert.is(get(world, 'snap one', '{.spec.createdAtNanos}'), '1700000000123456789');
  assert.match(get(world, 'pod folded', '{.metadata.annotations.note}'), 'folded because it did not fit');
});

withKubectl('a path with spaces, in a flag', async ({ world }) => {
  const ended = await up(world, '--manifests', 'cases/03-space-in-path/my manifests/web.yaml');
  assert.is(ended.code, 0, told(ended));
});

withKubectl('what kubectl scaled is set back with a warning', async ({ world }) => {
  const args = ['--manifests', 'cases/02-own-kubectl-edit/web.yaml'];
  assert.is((await up(world, ...args)).code, 0);
  kubectl(world, 'scale', 'deployment', 'web', '--replicas=3');
  kubectl(world, 'patch', 'configmap', 'web', '--type=merge', '-p', '{"data":{"level":"debug"}}');
  const refused = await up(world, ...args, '--on-conflict', 'fail');
  assert.is(refused.code, 6);
  assert.match(told(refused), /changed by others since the last apply/);
  const healed = await up(world, ...args);
  assert.is(healed.code, 0, told(healed));
  assert.match(told(healed), /set back[^]*\.spec\.replicas[^]*kubectl/);
  assert.is(get(world, 'deployment web', '{.spec.replicas}'), '1');
  assert.is(get(world, 'configmap web', '{.data.level}'), 'info');
});

withKubectl('what an autoscaler owns is left to it', async ({ world }) => {
  const args = ['--manifests', 'cases/05-hpa/hpa.yaml'];
  assert.is((await up(world, ...args)).code, 0);
  const scale = '/apis/apps/v1/namespaces/default/deployments/shop/scale';
  const body = join(world.folder, 'scale.json');
  writeFileSync(
    body,
    JSON.stringify({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'shop', namespace: 'default' },
      spec: { replicas: 2 },
    }),
  );
  kubectl(world, 'replace', '--raw', `${scale}?fieldManager=kube-controller-manager`, '-f', body);
  const again = await up(world, ...args, '--output', 'json');
  assert.is(again.code, 0, told(again));
  assert.match(again.stdout, /left as they are: \.spec\.replicas \(changed by kube-controller-manager/);
  assert.is(get(world, 'deployment shop', '{.spec.replicas}'), '2');
});

withKubectl('a namespace that is being deleted is made again', async ({ world }) => {
  assert.is((await up(world, '--namespaces', 'staging')).code, 0);
  kubectl(world, 'delete', 'namespace', 'staging', '--wait=false');
  const ended = await up(world, '--namespaces', 'staging');
  assert.is(ended.code, 0, told(ended));
  assert.is(get(world, 'namespace staging', '{.status.phase}'), 'Active');
});

withKubectl(
  'webhooks of manifests and charts do not keep a cluster of simulated pods from getting ready',
  async ({ world }) => {
    for (const time of ['first', 'second']) {
      const ended = await up(world, '--manifests', 'cases/08-webhook-second-up/all.yaml', '--output', 'json');
      assert.is(ended.code, 0, `${time}: ${told(ended)}`);
      assert.match(ended.stdout, '1 webhook configuration left out');
    }
    if (helmPath === undefined) return;
    for (const time of ['first', 'second']) {
      const ended = await configured(world, '22-webhooks-embedded/cluster.yaml', '--output', 'json');
      assert.is(ended.code, 0, `${time}: ${told(ended)}`);
    }
    assert.is(get(world, 'validatingwebhookconfigurations', '{.items[*].metadata.name}'), '');
    assert.is(get(world, 'deployment hooked', '{.metadata.name}'), 'hooked');
  },
);

withHelm('each file of a crds folder is made, and missing ones are made again', async ({ world }) => {
  const first = await configured(world, '21-crds-folder/cluster.yaml');
  assert.is(first.code, 0, told(first));
  const names = (): string => get(world, 'crd', '{.items[?(@.spec.group=="fruit.example.com")].metadata.name}');
  assert.is(names(), 'apples.fruit.example.com pears.fruit.example.com');
  kubectl(world, 'delete', 'crd', 'apples.fruit.example.com');
  assert.is((await configured(world, '21-crds-folder/cluster.yaml')).code, 0);
  assert.is(names(), 'apples.fruit.example.com pears.fruit.example.com');
});

withHelm('inline values are what helm makes of the same file', async ({ world }) => {
  const ended = await configured(world, '20-helm/inline.yaml');
  assert.is(ended.code, 0, told(ended));
  const chart = join(world.folder, 'cases/20-helm/show');
  const values = join(world.folder, 'cases/20-helm/v.yaml');
  const rendered = execFileSync(helmPath ?? '', ['template', 'x', chart, '-f', values]).toString();
  const expected: unknown = JSON.parse(JSON.parse(/values: (".*")/.exec(rendered)?.[1] ?? '""') as string);
  for (const name of ['inline', 'filed'])
    assert.equal(JSON.parse(get(world, `configmap ${name}`, '{.data.values}')), expected, name);
  assert.is(get(world, 'configmap inline', '{.data.ingress}'), 'off');
});

withHelm('a linked folder belongs to its chart, and what is ignored makes no new revision', async ({ world }) => {
  assert.is((await configured(world, '20-helm/sym.yaml')).code, 0);
  assert.is(get(world, 'configmap sym', '{.data.a}').trim(), 'hello');
  for (const [time, changes] of [
    ['first', '1 release installed'],
    ['second', 'unchanged'],
  ] as const) {
    world.write(`cases/24-helmignore/logs/${time}`, 'x');
    const ended = await configured(world, '24-helmignore/hoist.yaml');
    assert.is(ended.code, 0, told(ended));
    assert.match(told(ended), new RegExp(`changes +${changes}\n`), time);
  }
  const releases = get(world, 'secret', '{.items[*].metadata.name}', '-l', 'owner=helm,name=rooted');
  assert.is(releases, 'sh.helm.release.v1.rooted.v1');
});

cases('an env file is read whole, and a line that is none is named', async ({ world }) => {
  const bom = await world.hoist(['up', '--plan', '--profile', 'minimal', '--env-file', 'cases/16-env-file/bom.env']);
  assert.match(told(bom), 'bug-bom');
  const none = await world.hoist(['status', '--env-file', 'cases/16-env-file/noeq.env']);
  assert.is(none.code, 2);
  assert.match(told(none), 'cases/16-env-file/noeq.env:1: is no line like NAME=value');
});

cases("Node does not take hoist's own flags", ({ world }) => {
  const bin = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
  const env = { ...process.env, HOME: world.folder, XDG_STATE_HOME: world.state };
  try {
    execFileSync(bin, ['status', '--env-file', 'nope.env'], { cwd: world.folder, env, stdio: 'pipe' });
    assert.unreachable('it succeeded');
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    assert.is(status, 2);
    assert.match(stderr.toString(), '--env-file nope.env: cannot be read: no such file or directory');
  }
});

cases('paths of a settings file are relative to it', async ({ world }) => {
  const plan = await world.hoist(['up', '--plan', '--config', 'cases/11-paths-of-file/project/config/cluster.yaml']);
  assert.match(told(plan), 'cases/11-paths-of-file/project/mylogs');
});

for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
  ['SIGTERM', 143],
] as const) {
  cases(`${signal} ends all that was started, and the run is recorded`, async ({ world }) => {
    const folder = join(world.folder, `hup-${signal}`);
    cpSync(join(SOURCE, '13-sighup-leaves-children'), folder, { recursive: true });
    const marker = String(300_000 + Math.floor(Math.random() * 100_000));
    const step = join(folder, 'steps/long.ts');
    writeFileSync(step, readFileSync(step, 'utf8').replace('sleep 321', `sleep ${marker}`));
    const { child, ended } = world.start([
      'up',
      '--config',
      `hup-${signal}/cluster.yaml`,
      '--log-dir',
      `hup-${signal}/logs`,
    ]);
    const running = (): boolean =>
      readdirSync('/proc').some((pid) => {
        try {
          return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${marker}\0`;
        } catch {
          return false;
        }
      });
    while (!running() && child.exitCode === null) await new Promise(setImmediate);
    child.kill(signal);
    assert.is((await ended).code, code, told(await ended));
    assert.is(running(), false);
    const record = JSON.parse(readFileSync(join(folder, 'logs/runs.jsonl'), 'utf8').trim()) as { outcome?: string };
    assert.match(JSON.stringify(record), /cancelled|interrupted/);
    await world.hoist(['down', 'bug-hup']);
  });
}

cases('SIGHUP that is ignored stays ignored', async ({ world }) => {
  const bin = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
  // Tools are shared, as in the world itself.
  const cache = dirname(cacheHome(process.env));
  const env = { ...process.env, HOME: world.folder, XDG_STATE_HOME: world.state, XDG_CACHE_HOME: cache };
  // It writes nothing until it ends by itself: each signal comes while it runs.
  world.write('slow/steps/wait.ts', 'export default { needs: [], run: ({ $ }) => $`echo begun >&2; sleep 1` };\n');
  world.write('slow/cluster.yaml', 'extends: minimal\nprovider: embedded\nname: slow\n');
  const script = 'trap "" HUP; exec "$0" up --config slow/cluster.yaml --verbose';
  const child = spawn('sh', ['-c', script, bin], { cwd: world.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    child.kill('SIGHUP');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.is(code, 0, stderr);
  assert.match(stderr, 'begun');
  await world.hoist(['down', 'slow']);
});

cases('the hint after a failed run goes on from there, word for word', async ({ world }) => {
  world.write('my files/bad.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: UPPER}\n');
  const failed = await up(world, '--manifests', 'my files/bad.yaml', '--agents', '1');
  assert.is(failed.code, 6);
  const hint = /`(hoist up[^`]*)` resumes/.exec(told(failed).replaceAll(/\n */g, ' '))?.[1] ?? '';
  assert.match(hint, /--profile minimal/);
  assert.match(hint, /--manifests 'my files\/bad\.yaml'/);
  assert.match(hint, /--agents 1/);
});

cases('a kubeconfig that cannot be read does not make an error of what was removed', async ({ world }) => {
  const kubeconfig = join(world.folder, 'cases/10-kubeconfig/dup.yaml');
  const before = readFileSync(kubeconfig, 'utf8');
  const ended = await world.hoist(['down', NAME], { KUBECONFIG: kubeconfig });
  assert.is(ended.code, 0, told(ended));
  assert.match(ended.stdout, `removed cluster "${NAME}"`);
  assert.is(readFileSync(kubeconfig, 'utf8'), before);
});

cases.run();
