// Support bundles of real nodes: commands, logs, copies, pods of collectors on all nodes, and host collectors in pods.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import { readArchive } from '../../scripts/support/bundle/archive.ts';
import { type World, createWorld } from './hoist.ts';
import { canMake, clustersOf, engine, env, hasImage, session } from './k3d.ts';

const NAME = 'hoist-collect';
const BOX = 'busybox:1.35';
const PAUSE = 'rancher/mirrored-pause:3.6';

const hasDocker = spawnSync('docker', ['--version']).status === 0;
const ready = canMake && hasDocker && (await hasImage(BOX)) && (await hasImage(PAUSE));
const k3d = suite<{ world: World; kubeconfig: string }>('collect: real nodes', {} as never);
const test = ready ? k3d : k3d.skip;
const { up, nodes } = clustersOf(NAME);

k3d.before(async (context) => {
  const world = (context.world = createWorld());
  if (!ready) return;
  const made = await up(world);
  assert.is(made.code, 0, made.stderr + made.stdout);
  // What collectors take where a spec names no image.
  await engine().json({ method: 'POST', path: `/images/${BOX}/tag`, query: { repo: 'busybox', tag: '1' } });
  for (const { name } of await nodes()) {
    if (!/-(server|agent)-\d+$/.test(name)) continue;
    const load = `docker save busybox:1 ${PAUSE} | docker exec -i ${name} ctr -n k8s.io images import -`;
    const loaded = spawnSync('sh', ['-c', load], { env: { ...process.env, ...env() }, encoding: 'utf8' });
    assert.is(loaded.status, 0, loaded.stderr);
  }
  context.kubeconfig = join(world.state, 'hoist/k3d', NAME, 'kubeconfig');
  const { connection } = await readConnection({ paths: [context.kubeconfig], exec });
  const client = connect(connection);
  try {
    await box(client);
  } finally {
    client.close();
  }
});

k3d.after(async ({ world }) => {
  if (ready) {
    await world.hoist(['down', NAME, '--quiet'], env());
    await engine()
      .json({ method: 'DELETE', path: '/images/busybox:1' })
      .catch(() => undefined);
  }
  await world.close();
  session?.engine.close();
});

/** A pod that logs, and has a file; resolves when it runs. */
async function box(client: KubeClient): Promise<void> {
  const path = '/api/v1/namespaces/default/pods';
  const script = 'echo "log line, password=hunter22-planted"; mkdir /data; echo kept > /data/a.txt; sleep 1000000';
  const container = { name: 'c', image: 'busybox:1', imagePullPolicy: 'Never', command: ['sh', '-c', script] };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  for (
    let round = 0;
    (await client.request({ path: '/api/v1/namespaces/default/serviceaccounts/default' })).status !== 200;
    round++
  ) {
    assert.ok(round < 100);
    await sleep(100);
  }
  await client.json({ method: 'POST', path, body: { metadata: { name: 'box', labels: { app: 'box' } }, spec } });
  for (let round = 0; round < 300; round++) {
    const { status } = await client.json<{ status?: { phase?: string } }>({ path: `${path}/box` });
    if (status?.phase === 'Running') return;
    await sleep(200);
  }
  assert.unreachable('the pod does not run');
}

const SPEC = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: nodes}
spec:
  runHostCollectorsInPod: true
  collectors:
    - logs: {name: l, namespace: default, selector: [app=box]}
    - exec: {name: e, namespace: default, selector: [app=box], command: [cat], args: [/data/a.txt]}
    - copy: {name: c, namespace: default, selector: [app=box], containerPath: /data, containerName: c}
    - runPod: {name: p, namespace: default, podSpec: {containers: [{name: c, image: "busybox:1", imagePullPolicy: Never, command: [echo, from-a-pod]}]}}
    - runDaemonSet: {name: d, namespace: default, podSpec: {containers: [{name: c, image: "busybox:1", imagePullPolicy: Never, command: [sh, -c, "echo from $(hostname)"]}]}}
    - copyFromHost: {name: h, namespace: default, image: "busybox:1", imagePullPolicy: Never, hostPath: /etc/passwd, extractArchive: true}
    - sysctl: {namespace: default, image: "busybox:1", imagePullPolicy: Never}
    - nodeMetrics: {}
  hostCollectors:
    - cpu: {}
    - memory: {}
    - ipv4Interfaces: {}
    - cgroups: {}
    - kernelModules: {}
    - diskUsage: {collectorName: var, path: /var/lib/rancher}
    - subnetAvailable: {collectorName: s, CIDRRangeAlloc: 10.0.0.0/8, desiredCIDR: 22}
    - run: {collectorName: name, command: hostname}
    - run: {collectorName: none, command: no-such-program}
    - tcpConnect: {address: "127.0.0.1:1"}
    - http: {get: {url: "http://127.0.0.1:1"}}
  hostAnalyzers:
    - cpu: {outcomes: [{pass: {when: "count >= 1", message: has one}}, {fail: {message: none}}]}
    - memory: {outcomes: [{pass: {when: "> 100Mi", message: enough}}, {fail: {message: little}}]}
`;

test('everything of a spec on two nodes, redacted, and nothing of it left', async ({ world, kubeconfig }) => {
  world.write('nodes.yaml', SPEC);
  const args = ['collect', 'nodes.yaml', '--archive', 'nodes.tar.gz', '--output', 'json', '--kubeconfig', kubeconfig];
  const ended = await world.hoist(args);
  assert.is(ended.code, 0, ended.stderr);
  const store = await readArchive(join(world.folder, 'nodes.tar.gz'));
  const text = async (path: string): Promise<string> => (await store.read(path))?.toString('utf8') ?? `no ${path}`;
  const said = ended.stdout.trim().split('\n').at(-1) ?? '';
  try {
    const nodes = (JSON.parse(await text('host-collectors/system/node_list.json')) as { nodes: string[] }).nodes;
    assert.is(nodes.length, 2, said);
    assert.is(await text('l/box/c.log'), 'log line, password=***HIDDEN***\n');
    assert.is(await text('e/default/box/c-stdout.txt'), 'kept\n');
    assert.is(await text('c/default/box/c/data/a.txt'), 'kept\n');
    assert.is(await text('p/p.log'), 'from-a-pod\n', said);
    for (const node of nodes) {
      assert.match(await text(`d/${node}.log`), /^from d-/);
      assert.match(await text(`h/${node}/passwd`), 'root');
      assert.match(await text(`sysctl/${node}`), '/proc/sys/net/ipv4/ip_forward = 1');
      assert.match(await text(`node-metrics/${node}.json`), `"nodeName": "${node}"`);
      const host = async (path: string): Promise<unknown> => {
        assert.ok(store.list().includes(`host-collectors/${path}`), `no ${path}: ${said}`);
        return JSON.parse(await text(`host-collectors/${path}`));
      };
      assert.ok(((await host(`system/${node}/cpu.json`)) as { logicalCount: number }).logicalCount >= 1);
      assert.ok(((await host(`system/${node}/memory.json`)) as { total: number }).total > 100 * 2 ** 20);
      assert.match(
        JSON.stringify(await host(`system/${node}/ipv4Interfaces.json`)),
        /"Name":"eth0".*\d+\.\d+\.\d+\.\d+\/\d+/,
      );
      assert.ok(((await host(`diskUsage/${node}/var.json`)) as { total_bytes: number }).total_bytes > 2 ** 20);
      assert.match(await text(`host-collectors/run-host/${node}/name.txt`), node);
      assert.is(
        await text(`host-collectors/${node}/system/cpu.json`),
        await text(`host-collectors/system/${node}/cpu.json`),
      );
      assert.is(((await host(`connect/${node}/connect.json`)) as { status: string }).status, 'connection-refused');
    }
    const result = JSON.parse(said) as {
      analyzerResults: { title: string; outcome: string }[];
      collectors: { kind: string; problems: string[]; outcome: string }[];
    };
    const checks = result.analyzerResults.map(({ title, outcome }) => `${outcome} ${title}`);
    assert.is(checks.filter((one) => one.startsWith('pass')).length, 4, checks.join());
    const inPods = result.collectors.find(({ kind }) => kind === 'hostCollectorsInPods');
    assert.is(inPods?.problems.filter((one) => one.includes('no-such-program was not found')).length, 2, said);
    assert.match(said, '\\"http\\" cannot be collected in pods');
    assert.is(result.collectors.filter(({ outcome }) => outcome === 'failed' || outcome === 'timeout').length, 0, said);
  } finally {
    await store.close();
  }
  const { connection } = await readConnection({ paths: [kubeconfig], exec });
  const client = connect(connection);
  try {
    for (const path of ['/api/v1/pods', '/apis/apps/v1/daemonsets']) {
      const query = { labelSelector: 'app.kubernetes.io/managed-by=hoist,hoist.dev/collector' };
      let left = ['?'];
      for (let round = 0; round < 50 && left.length > 0; round++) {
        const { items } = await client.json<{ items: { metadata: { name: string } }[] }>({ path, query });
        left = items.map(({ metadata }) => metadata.name);
        if (left.length > 0) await sleep(200);
      }
      assert.equal(left, []);
    }
  } finally {
    client.close();
  }
});

k3d.run();
