// etcd of distributions without a pod of it: a pod of our own asks, with the certificates of the host.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { etcd } from '../../../../scripts/support/collectors/pods/etcd.ts';
import { startExecServer } from '../../../doubles/exec-server.ts';
import { clusterDouble } from '../cluster-double.ts';
import { type Ran, runCollector } from '../running.ts';

const test = suite('support/collectors/pods/etcd');

type Json = Record<string, unknown>;
const PODS = '/api/v1/namespaces/[^/]+/pods';

async function asked(
  labels: Record<string, string>,
  spec: Json = {},
): Promise<{ ran: Ran; commands: string[]; pod: Json | undefined; removed: boolean }> {
  const commands: string[] = [];
  const server = await startExecServer((call) => {
    commands.push(call.command.join(' '));
    call.write(1, '{}');
    call.exit(0);
  });
  const status = { phase: 'Running' };
  const containers = [{ name: 'etcd-client' }];
  const { cluster, asked: requests } = clusterDouble(
    {
      'GET /api/v1/nodes': { items: [{ metadata: { name: 'n1', labels } }], metadata: {} },
      [`POST ${PODS}`]: ({ body = {} }) => body,
      [`GET ${PODS}/[^/]+`]: { metadata: { name: 'x', namespace: 'default' }, spec: { containers }, status },
      'GET /api/v1/pods': { items: [], metadata: {} },
      [`DELETE ${PODS}/.*`]: {},
    },
    { connection: server.connection },
  );
  try {
    const ran = await runCollector(etcd, spec, { cluster });
    const pod = requests.find(({ what }) => what.startsWith('POST'))?.body?.['spec'] as Json | undefined;
    return { ran, commands, pod, removed: requests.at(-1)?.what.startsWith('DELETE') === true };
  } finally {
    await server.close();
  }
}

test('k0s and embedded clusters: the folder of the host is read-only in the pod, which goes again', async () => {
  for (const label of ['node.k0sproject.io/role', 'kots.io/embedded-cluster-role']) {
    const { ran, commands, pod, removed } = await asked({ [label]: 'control-plane' });
    const folder = '/var/lib/k0s/pki/etcd';
    assert.equal(pod, {
      hostNetwork: true,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'etcd-client',
          image: 'quay.io/coreos/etcd:latest',
          command: ['sleep'],
          args: ['5m'],
          env: [
            { name: 'ETCDCTL_API', value: '3' },
            { name: 'ETCDCTL_INSECURE_SKIP_TLS_VERIFY', value: 'true' },
          ],
          volumeMounts: [{ name: 'etcd-certs', mountPath: folder, readOnly: true }],
        },
      ],
      volumes: [{ name: 'etcd-certs', hostPath: { path: folder } }],
    });
    assert.equal(
      Object.keys(ran.files).sort(),
      ['alarm-list', 'endpoint-health', 'endpoint-status', 'member-list', 'version'].map((name) => `etcd/${name}.json`),
    );
    assert.match(commands[0] ?? '', `etcdctl endpoint health --cacert ${folder}/ca.crt --cert ${folder}/peer.crt`);
    assert.is(removed, true);
  }
  const [container] = (await asked({ 'node.k0sproject.io/role': 'x' }, { image: 'own' })).pod?.['containers'] as Json[];
  assert.is(container?.['image'], 'own');
});

test('a cluster without etcd of its own, or without its pod, is a failure', async () => {
  const error = (labels: Record<string, string>): Promise<string> =>
    asked(labels).then(
      () => '',
      (cause: unknown) => (cause as Error).message,
    );
  assert.is(await error({}), 'current k8s distribution does not support etcd collector');
  assert.is(await error({ 'kurl.sh/cluster': 'false' }), 'current k8s distribution does not support etcd collector');
  assert.is(await error({ 'kurl.sh/cluster': 'true' }), 'no static etcd pod found');
});

test.run();
