// Pure: what of a release's objects counts for its readiness.

import type { KubeObject, ObjectRef } from '../../../kube/object.ts';
import { isWorkloadKind } from '../../../kube/watch/workload.ts';

export interface WebhookBackend {
  /** The configuration that it stands in. */
  configuration: string;
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  service: { namespace: string; name: string };
}

/** What a release waits for until it is ready. */
export interface Awaited {
  workloads: readonly ObjectRef[];
  /** Names of definitions. */
  definitions: readonly string[];
  webhooks: readonly WebhookBackend[];
}

interface WebhookConfiguration extends KubeObject {
  webhooks?: { clientConfig?: { service?: { namespace?: string; name?: string } } }[];
}

const WEBHOOKS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;
const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod', 'CustomResourceDefinition', ...WEBHOOKS];

export const awaitedKinds: ReadonlySet<string> = new Set(KINDS);

/** @param namespace of the release: of objects that name none */
export function awaitedOf(
  objects: readonly (KubeObject & { apiVersion: string; kind: string })[],
  namespace: string,
): Awaited {
  const workloads = objects
    .filter(({ kind }) => isWorkloadKind(kind))
    .map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      namespace: metadata.namespace ?? namespace,
      name: metadata.name,
    }));
  const definitions = objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map(({ metadata }) => metadata.name);
  return { workloads, definitions, webhooks: objects.flatMap(backendsOf) };
}

/** Webhooks behind a URL are not ours to look after: the address is the API server's, not this machine's. */
function backendsOf(object: KubeObject & { kind: string }): WebhookBackend[] {
  const kind = WEBHOOKS.find((one) => one === object.kind);
  if (kind === undefined) return [];
  const { webhooks = [], metadata } = object as WebhookConfiguration;
  const backends = new Map<string, WebhookBackend>();
  for (const { clientConfig } of webhooks) {
    const { namespace = '', name = '' } = clientConfig?.service ?? {};
    if (name === '') continue;
    backends.set(`${namespace}/${name}`, { configuration: metadata.name, kind, service: { namespace, name } });
  }
  return [...backends.values()];
}
