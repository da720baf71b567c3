// dns: what a pod gets for names, and what stands behind the cluster's DNS.

import { messageOf } from '../../../base/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type PodObject, podsOf } from '../cluster/lists.ts';
import { type Collector, type Reach, type Running, firstText } from '../collector.ts';
import { waitForPod, withOwn } from './own.ts';

const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.39';
const NAMESPACE = 'default';
const LOG_BYTES = 1 << 20;

interface Service extends KubeObject {
  spec?: { clusterIP?: string };
}
interface Endpoints extends KubeObject {
  subsets?: { addresses?: { ip?: string }[]; ports?: { port?: number }[] }[];
}
interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

interface Debug {
  kubernetesClusterIP: string;
  podResolvConf: string;
  query: Record<'kubernetes' | 'nonResolvableDomain', { name: string; address: string }>;
  kubeDNSPods: string[];
  kubeDNSService: string;
  kubeDNSEndpoints: string;
}

export const dns: Collector = {
  timeoutMs: 60_000,
  claim: () => 'dns/debug.json',
  rights: () => [{ verb: 'create', resource: 'pods', namespace: NAMESPACE }],
  async run(running) {
    const { item, sink, suffix, signal } = running;
    const reach = await running.cluster();
    const wanted = firstText(item.spec, 'nonResolvable') ?? '*';
    const [system, address] = await Promise.all([
      systemOf(reach, signal),
      objectAt<Service>(reach, '/api/v1/namespaces/default/services/kubernetes', signal),
    ]);
    const debug: Debug = {
      kubernetesClusterIP: address?.spec?.clusterIP ?? '',
      podResolvConf: '',
      query: { kubernetes: { name: '', address: '' }, nonResolvableDomain: { name: wanted, address: '' } },
      ...system.debug,
    };
    const lines = [`=== Kubernetes Cluster IP from API Server: ${debug.kubernetesClusterIP}`];
    let failure: unknown;
    try {
      const log = await askedInPod(running, wanted);
      lines.push(`=== Test DNS resolution in pod ${imageOf(running)}: `, log.trimEnd());
      readLog(log, debug);
    } catch (error) {
      failure = error;
      lines.push(`=== Failed to run commands from pod: ${messageOf(error)}`);
    }
    lines.push(...system.lines);
    await sink.add({ path: `dns/debug${suffix}.txt`, content: Buffer.from(`${lines.join('\n')}\n`) });
    await sink.add({ path: `dns/debug${suffix}.json`, content: Buffer.from(JSON.stringify(debug)) });
    if (failure !== undefined) throw failure as Error;
  },
};

const imageOf = ({ item }: Running): string => firstText(item.spec, 'image') ?? IMAGE;

/** The name stands in the environment: as part of the script it could be more than a name. */
const SCRIPT = `echo "=== /etc/resolv.conf ==="
cat /etc/resolv.conf
echo "=== dig kubernetes ==="
dig +search +short kubernetes
echo "=== dig non-existent-domain ==="
dig +search +short "$NON_RESOLVABLE"
exit 0`;

async function askedInPod(running: Running, nonResolvable: string): Promise<string> {
  const { signal } = running;
  const { client } = await running.cluster();
  return withOwn(running, NAMESPACE, async (own) => {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const pod = await own.create<PodObject>(path, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `dns-${own.id}`,
        namespace: NAMESPACE,
        labels: { ...own.labels, 'troubleshoot-role': 'dns-collector' },
      },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'troubleshoot-dns',
            image: imageOf(running),
            command: ['/bin/sh', '-c', SCRIPT],
            env: [{ name: 'NON_RESOLVABLE', value: nonResolvable }],
          },
        ],
      },
    });
    const one = `${path}/${encodeURIComponent(pod.metadata.name)}`;
    await waitForPod(running, one, {
      wanted: ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
    });
    const query = { limitBytes: LOG_BYTES };
    const { body } = await client.request({ path: `${one}/log`, query, accept: '*/*', signal });
    return body;
  });
}

function readLog(log: string, debug: Debug): void {
  let section = '';
  for (const line of log.split('\n')) {
    if (line.startsWith('=== ')) section = line;
    else if (section.includes('resolv.conf')) debug.podResolvConf += `${line}\n`;
    else if (line !== '' && section.includes('dig kubernetes'))
      debug.query.kubernetes = { name: 'kubernetes', address: line };
    else if (line !== '' && section.includes('non-existent')) debug.query.nonResolvableDomain.address = line;
  }
}

/** What is not there is not said. */
async function systemOf(
  reach: Reach,
  signal: AbortSignal,
): Promise<{ debug: Pick<Debug, 'kubeDNSPods' | 'kubeDNSService' | 'kubeDNSEndpoints'>; lines: string[] }> {
  const base = '/api/v1/namespaces/kube-system';
  const [pods, service, endpoints, core, kube] = await Promise.all([
    podsOf(reach.client, 'kube-system', ['k8s-app=kube-dns'], signal).catch(() => []),
    objectAt<Service>(reach, `${base}/services/kube-dns`, signal),
    objectAt<Endpoints>(reach, `${base}/endpoints/kube-dns`, signal),
    objectAt<ConfigMap>(reach, `${base}/configmaps/coredns`, signal),
    objectAt<ConfigMap>(reach, `${base}/configmaps/kube-dns`, signal),
  ]);
  const names = pods.filter(({ status }) => status?.phase === 'Running').map(({ metadata }) => metadata.name);
  const clusterIP = service?.spec?.clusterIP ?? '';
  const addresses = (endpoints?.subsets ?? []).flatMap(({ addresses: all = [], ports = [] }) =>
    ports[0] === undefined ? [] : all.map(({ ip }) => `${ip ?? ''}:${ports[0]?.port ?? ''}`),
  );
  return {
    debug: { kubeDNSPods: names, kubeDNSService: clusterIP, kubeDNSEndpoints: addresses.join(', ') },
    lines: [
      `=== Running kube-dns pods: ${names.join(', ')}`,
      `=== Running kube-dns service: ${clusterIP}`,
      `=== kube-dns endpoints: ${addresses.join(', ')}`,
      ...(core?.data?.['Corefile'] === undefined ? [] : ['=== CoreDNS config: ', core.data['Corefile'].trimEnd()]),
      ...(kube?.data === undefined ? [] : ['=== KubeDNS config: ', JSON.stringify(kube.data)]),
    ],
  };
}

async function objectAt<T extends KubeObject>(
  { client }: Reach,
  path: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  return client.json<T>({ path, signal, attempts: 3 }).catch(() => undefined);
}
