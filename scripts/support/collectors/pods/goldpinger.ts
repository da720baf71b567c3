// goldpinger: which pods reach which, as the cluster's own goldpinger says, or one that is there for as long as it takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { HoistError, messageOf } from '../../../base/errors.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { listAll, type PodObject } from '../cluster/lists.ts';
import { type Collector, type Reach, type Running, durationMs, firstText } from '../collector.ts';
import { withNodePods } from './nodes.ts';
import { selectorOf, withOwn } from './own.ts';

const IMAGE = 'bloomberg/goldpinger:3.10.1';
const PORT = 8080;
const LABEL = 'app.kubernetes.io/name=goldpinger';
/** ms that one of our own gets to ping all others. */
const OWN_DELAY_MS = 6_000;
const ANSWER_MS = 60_000;

interface Service extends KubeObject {
  spec?: { ports?: { port: number }[] };
}

const namespaceOf = (spec: Readonly<Record<string, unknown>>): string => firstText(spec, 'namespace') ?? 'default';

export const goldpinger: Collector = {
  timeoutMs: 120_000,
  claim: () => 'goldpinger/check_all.json',
  rights: ({ spec }) => [{ verb: 'list', resource: 'services', namespace: namespaceOf(spec) }],
  async run(running) {
    const { item, sink, suffix, signal } = running;
    const reach = await running.cluster();
    const namespace = namespaceOf(item.spec);
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`;
    const delayMs = durationMs(firstText(item.spec, 'collectDelay'));
    try {
      const { items } = await listAll<Service>(reach.client, { path, labelSelector: LABEL, signal });
      const [service] = items;
      const add = async (answer: string): Promise<void> => {
        await sink.add({ path: `goldpinger/check_all${suffix}.json`, content: Buffer.from(answer) });
      };
      if (service) {
        await sleep(delayMs ?? 0, undefined, { signal });
        const target = `${service.metadata.name}:${service.spec?.ports?.[0]?.port ?? 80}`;
        await add(await asked(reach, `${path}/${target}`, signal));
      } else await ofOurOwn(running, { namespace, delayMs: delayMs ?? OWN_DELAY_MS }, add);
    } catch (error) {
      signal.throwIfAborted();
      const said = `Failed to collect goldpinger results: ${messageOf(error)}`;
      await sink.add({ path: `goldpinger/error${suffix}.txt`, content: Buffer.from(said) });
      throw error;
    }
  },
};

/** Through the API server, so that no pod is needed to ask. */
async function asked({ client }: Reach, target: string, signal: AbortSignal): Promise<string> {
  const { status, body } = await client.request({
    path: `${target}/proxy/check_all`,
    accept: '*/*',
    signal,
    timeoutMs: ANSWER_MS,
  });
  if (status !== 200) throw new HoistError(`goldpinger answered ${status}`);
  return body;
}

async function ofOurOwn(
  running: Running,
  { namespace, delayMs }: { namespace: string; delayMs: number },
  add: (answer: string) => Promise<void>,
): Promise<void> {
  const { item, signal } = running;
  const reach = await running.cluster();
  await withOwn(running, namespace, async (own) => {
    const account = firstText(item.spec, 'serviceAccountName') ?? `goldpinger-${own.id}`;
    if (firstText(item.spec, 'serviceAccountName') === undefined) {
      const metadata = { name: account, namespace, labels: own.labels };
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}`;
      const rbacGroup = 'rbac.authorization.k8s.io';
      await own.create(`/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`, { metadata });
      const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
      await own.create(`${rbac}/roles`, { metadata, rules });
      await own.create(`${rbac}/rolebindings`, {
        metadata,
        subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
        roleRef: { kind: 'Role', name: account, apiGroup: rbacGroup },
      });
    }
    const podSpec = (labels: Record<string, string>): Record<string, unknown> => podSpecOf(running, account, labels);
    const withNamespace = { ...running, item: { ...item, spec: { ...item.spec, namespace } } };
    await withNodePods(withNamespace, { podSpec, ready }, async ({ pods }) => {
      await sleep(delayMs, undefined, { signal });
      const [first] = pods;
      const name = `${first?.metadata.name ?? ''}:${PORT}`;
      await add(await asked(reach, `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${name}`, signal));
    });
  });
}

const ready = ({ status }: PodObject): boolean =>
  status?.phase === 'Running' && (status.containerStatuses ?? []).every((one) => one.ready);

function podSpecOf({ item }: Running, account: string, labels: Record<string, string>): Record<string, unknown> {
  const http = { httpGet: { path: '/', port: PORT } };
  const env = {
    REFRESH_INTERVAL: '3',
    CHECK_ALL_TIMEOUT: '3s',
    HOST: '0.0.0.0',
    PORT: String(PORT),
    LABEL_SELECTOR: selectorOf(labels),
  };
  return {
    serviceAccountName: account,
    securityContext: {
      fsGroup: 2000,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'goldpinger-daemon',
        image: firstText(item.spec, 'image') ?? IMAGE,
        imagePullPolicy: 'IfNotPresent',
        env: [
          { name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ...Object.entries(env).map(([name, value]) => ({ name, value })),
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
        },
        ports: [{ name: 'http', containerPort: PORT }],
        livenessProbe: http,
        readinessProbe: http,
        resources: { limits: { memory: '128Mi' }, requests: { memory: '64Mi' } },
      },
    ],
  };
}
