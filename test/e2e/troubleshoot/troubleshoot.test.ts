// The same specs by troubleshoot and by hoist on the same cluster: the same files, shapes and checks, but for what
// docs/collect.md says is different on purpose. Runs where `support-bundle` is on the PATH.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../../scripts/kube/client/client.ts';
import { type TestCluster, binaries, startCluster } from '../../doubles/apiserver.ts';
import { certificateFiles } from '../../doubles/certificates.ts';
import type { FakeKubelet } from '../../doubles/fake-kubelet.ts';
import { type World, createWorld } from '../hoist.ts';
import { fill } from './cluster.ts';
import { isDeliberate } from './deliberate.ts';
import { differences, shapedBundle } from './shape.ts';
import { comparedSpecs } from './specs.ts';

const TROUBLESHOOT = 'support-bundle';
const ready = binaries() !== undefined && spawnSync(TROUBLESHOOT, ['version']).status === 0;

interface Context {
  world: World;
  cluster: TestCluster;
  kubelet: FakeKubelet;
  server: Server;
  folder: string;
  port: number;
}

const compared = suite<Context>('collect: as troubleshoot does', {} as Context);
const test = ready ? compared : compared.skip;

compared.before(async (context) => {
  if (!ready) return;
  const world = createWorld();
  const folder = join(world.folder, 'files');
  mkdirSync(folder);
  certificateFiles(folder);
  world.write('files/a.txt', 'a file\n');
  const cluster = await startCluster();
  const client = connect(cluster.connection);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const kubelet = await fill(client, folder);
  client.close();
  const { port } = server.address() as AddressInfo;
  Object.assign(context, { world, cluster, kubelet, server, folder, port });
});

compared.after(async ({ world, cluster, kubelet, server }) => {
  if (!ready) return;
  cluster.stop();
  server.close();
  await kubelet.close();
  await world.close();
});

for (const [i, { name }] of comparedSpecs({ port: 0, folder: '' }).entries()) {
  test(name, async ({ world, cluster, port, folder }) => {
    const body = comparedSpecs({ port, folder })[i]?.body ?? '';
    const text = `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: compared}\nspec:\n${body}`;
    const spec = world.write('spec.yaml', text);
    const env = { KUBECONFIG: cluster.kubeconfig };
    const theirs = join(world.folder, `theirs-${i}`);
    const flags = ['--interactive=false', '--auto-update=false', '--no-uri', '-o', theirs];
    const options = { env: { ...world.env, ...env }, cwd: world.folder, reject: false, timeout: 180_000 };
    const peer = await execa(TROUBLESHOOT, [spec, ...flags], options);
    assert.is(peer.exitCode, 0, peer.stderr);
    const ours = join(world.folder, `ours-${i}.tar.gz`);
    const { code, stderr } = await world.hoist(['collect', spec, '--archive', ours, '--quiet'], env);
    assert.is(code, 0, stderr);
    const found = differences(await shapedBundle(`${theirs}.tar.gz`), await shapedBundle(ours));
    const unknown = found.filter((one) => !isDeliberate(one));
    assert.equal(
      unknown.map(({ path, what }) => `${path}: ${what}`),
      [],
    );
  });
}

compared.run();
