// etcd: what etcdctl says on a control plane, where the distribution lets it be asked.

import { buffer as bufferOf } from 'node:stream/consumers';
import { HoistError, messageOf } from '../../../base/errors.ts';
import { execInPod } from '../../../kube/exec/session.ts';
import { type PodObject, listAll, podsOf } from '../cluster/lists.ts';
import { type Collector, type Running, firstText } from '../collector.ts';
import { waitForPod, withOwn } from './own.ts';

const IMAGE = 'quay.io/coreos/etcd:latest';
const NAMESPACE = 'default';
const COMMANDS = ['endpoint health', 'endpoint status', 'member list', 'alarm list', 'version'];

interface Distribution {
  name: string;
  /** The label of its nodes. */
  label: string;
  /** Folder of the certificates on the control plane. */
  folder: string;
  pair: string;
  /** etcd runs in a pod of its own there. */
  inPod: boolean;
}

const DISTRIBUTIONS: readonly Distribution[] = [
  {
    name: 'kurl',
    label: 'kurl.sh/cluster',
    folder: '/etc/kubernetes/pki/etcd',
    pair: 'healthcheck-client',
    inPod: true,
  },
  { name: 'k0s', label: 'node.k0sproject.io/role', folder: '/var/lib/k0s/pki/etcd', pair: 'peer', inPod: false },
  {
    name: 'embedded-cluster',
    label: 'kots.io/embedded-cluster-role',
    folder: '/var/lib/k0s/pki/etcd',
    pair: 'peer',
    inPod: false,
  },
];

export const etcd: Collector = {
  timeoutMs: 90_000,
  claim: () => 'etcd/{command}.json',
  rights: () => [{ verb: 'list', resource: 'nodes' }],
  async run(running) {
    const { signal } = running;
    const { client } = await running.cluster();
    const { items } = await listAll(client, { path: '/api/v1/nodes', signal });
    const labels = items.map(({ metadata }) => (metadata as { labels?: Record<string, string> }).labels ?? {});
    const found = DISTRIBUTIONS.find(({ label, name }) =>
      labels.some((one) => (name === 'kurl' ? one[label] === 'true' : one[label] !== undefined)),
    );
    if (!found) throw new HoistError('current k8s distribution does not support etcd collector');
    if (!found.inPod) return askOwnPod(running, found);
    const [pod] = await podsOf(client, '', ['component=etcd'], signal);
    if (!pod) throw new HoistError('no static etcd pod found');
    return ask(running, pod, found);
  },
};

async function askOwnPod(running: Running, distribution: Distribution): Promise<void> {
  await withOwn(running, NAMESPACE, async (own) => {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const mount = { name: 'etcd-certs', mountPath: distribution.folder, readOnly: true };
    const env = { ETCDCTL_API: '3', ETCDCTL_INSECURE_SKIP_TLS_VERIFY: 'true' };
    const pod = await own.create<PodObject>(path, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `etcd-${own.id}`, namespace: NAMESPACE, labels: own.labels },
      spec: {
        hostNetwork: true,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'etcd-client',
            image: firstText(running.item.spec, 'image') ?? IMAGE,
            command: ['sleep'],
            args: ['5m'],
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
            volumeMounts: [mount],
          },
        ],
        volumes: [{ name: mount.name, hostPath: { path: distribution.folder } }],
      },
    });
    const one = `${path}/${encodeURIComponent(pod.metadata.name)}`;
    await ask(
      running,
      await waitForPod(running, one, { wanted: ({ status }) => status?.phase === 'Running' }),
      distribution,
    );
  });
}

/** One command after the other, as etcd has enough to do. */
async function ask(running: Running, pod: PodObject, { folder, pair }: Distribution): Promise<void> {
  const { sink, suffix, signal } = running;
  const { connection } = await running.cluster();
  const { namespace = '', name } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? '';
  const flags = [
    ...['--cacert', `${folder}/ca.crt`, '--cert', `${folder}/${pair}.crt`, '--key', `${folder}/${pair}.key`],
    ...['--write-out', 'json', '--endpoints', 'https://127.0.0.1:2379'],
  ];
  for (const words of COMMANDS) {
    const command = ['etcdctl', ...words.split(' '), ...flags];
    const session = execInPod(connection, { namespace, pod: name, container, command, signal });
    try {
      const [stdout, stderr] = await Promise.all([bufferOf(session.stdout), bufferOf(session.stderr)]);
      const code = await session.ended;
      if (code !== 0) running.problem(`etcdctl ${words} ended with exit code ${code}`);
      const path = `etcd/${words.replaceAll(' ', '-')}`;
      if (stdout.length > 0) await sink.add({ path: `${path}${suffix}.json`, content: stdout });
      const said = JSON.stringify({ stderr: stderr.toString('utf8') });
      if (stderr.length > 0) await sink.add({ path: `${path}-stderr${suffix}.json`, content: Buffer.from(said) });
    } catch (error) {
      signal.throwIfAborted();
      running.problem(`etcdctl ${words}: ${messageOf(error)}`);
    }
  }
}
