// Pure: what a set of objects offers to others, wants of others, and may be intercepted by webhooks.

import type { LabelSelector } from '../../../kube/watch/workload.ts';
import { builtinResources, groupOf, kindKey } from '../../../kube/resources.ts';
import { type Json, at, entries, items, text } from '../json.ts';
import type { FactObject, Key, CreatedFact, Want, Webhook } from './fact.ts';
import { podSpecOf, podWants } from './pod-wants.ts';

/** Facts of another form are found out again. */
export const FACTS_VERSION = 2;

export interface Facts {
  images: readonly string[];
  /** Whether helm installs definitions of the chart once, before all else. */
  crdsFolder: boolean;
  offers: readonly Key[];
  wants: readonly Want[];
  webhooks: readonly Webhook[];
  made: readonly CreatedFact[];
  /** Kind and plural of the definitions: `example.com/Widget` to `widgets`. */
  plurals: Readonly<Record<string, string>>;
  /** Kinds among them whose objects belong to no namespace: `example.com/Gadget`. */
  clusterWide: readonly string[];
  /** Labels of the namespaces among the objects. */
  namespaceLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** @param namespace of objects that name none */
export function factsOf(objects: readonly FactObject[], namespace: string): Facts {
  const images = new Set<string>();
  const offers = new Set<Key>();
  const wants = new Map<Key, string>();
  const made = new Map<string, CreatedFact>();
  const plurals: Record<string, string> = {};
  const clusterWide: string[] = [];
  const namespaceLabels: Record<string, Record<string, string>> = {};
  const webhooks: Webhook[] = [];
  const add = (one: CreatedFact): void => {
    const key = JSON.stringify([one.group, one.kind, one.namespace, one.labels]);
    if (!made.has(key)) made.set(key, one);
  };
  for (const object of objects) {
    const { kind, metadata } = object;
    const group = groupOf(object.apiVersion);
    const known = builtinResources.get(kindKey(object.apiVersion, kind));
    const own = known?.namespaced === false ? undefined : (metadata.namespace ?? namespace);
    const title = `${kind} ${own === undefined ? '' : `${own}/`}${metadata.name}`;
    for (const key of offersOf(object, own)) offers.add(key);
    const pod = podSpecOf(object);
    const found = [...wantsOf(object, group, own), ...(pod === undefined ? [] : podWants(pod.spec, own ?? namespace))];
    for (const key of found) if (!wants.has(key)) wants.set(key, title);
    for (const image of pod?.images ?? []) images.add(image);
    add({ group, kind, namespace: own, labels: metadata.labels ?? {}, title });
    if (pod && kind !== 'Pod') add({ group: '', kind: 'Pod', namespace: own, labels: pod.labels, title });
    if (kind === 'CustomResourceDefinition') {
      const names = at(object, 'spec', 'names');
      const defined = `${text(at(object, 'spec', 'group'))}/${text(at(names, 'kind'))}`;
      plurals[defined] = text(at(names, 'plural'));
      if (at(object, 'spec', 'scope') === 'Cluster') clusterWide.push(defined);
    }
    if (kind === 'Namespace') namespaceLabels[metadata.name] = metadata.labels ?? {};
    if (kind.endsWith('WebhookConfiguration')) webhooks.push(...webhooksOf(object));
  }
  return {
    images: [...images].sort(),
    crdsFolder: false,
    offers: [...offers],
    wants: [...wants].filter(([key]) => !offers.has(key)).map(([key, by]) => ({ key, by })),
    webhooks,
    made: [...made.values()],
    plurals,
    clusterWide,
    namespaceLabels,
  };
}

/** What exists, by its kind, as soon as the object was made. */
function offersOf({ kind, metadata: { name }, ...object }: FactObject, namespace: string | undefined): Key[] {
  const placed = `${namespace ?? ''}/${name}`;
  switch (kind) {
    case 'CustomResourceDefinition':
      return [`definition|${text(at(object, 'spec', 'group'))}/${text(at(object, 'spec', 'names', 'kind'))}`];
    case 'Namespace':
      return [`namespace|${name}`];
    case 'StorageClass':
      return [`storage class|${name}`];
    case 'IngressClass':
      return [`ingress class|${name}`];
    case 'PriorityClass':
      return [`priority class|${name}`];
    case 'ServiceAccount':
      return [`service account|${placed}`];
    case 'Role':
      return [`role|${placed}`];
    case 'ClusterRole':
      return [`cluster role|${name}`];
    case 'Secret':
      return [`secret|${placed}`];
    case 'ConfigMap':
      return [`config map|${placed}`];
    case 'Service':
      return [`service|${placed}`];
    default:
      return [];
  }
}

/** What the object itself refers to, beside its pods. */
function wantsOf(object: FactObject, group: string, namespace: string | undefined): Key[] {
  const { kind } = object;
  const wants: Key[] = builtinResources.has(kindKey(object.apiVersion, kind)) ? [] : [`definition|${group}/${kind}`];
  if (namespace !== undefined) wants.push(`namespace|${namespace}`);
  const placed = (name: unknown): string => `${namespace ?? ''}/${text(name)}`;
  if (kind === 'Ingress') {
    const spec = object['spec'];
    const className = text(at(spec, 'ingressClassName'));
    if (className !== '') wants.push(`ingress class|${className}`);
    const paths = items(at(spec, 'rules')).flatMap((rule) => items(at(rule, 'http', 'paths')));
    const backends = [at(spec, 'defaultBackend'), ...paths.map((path) => at(path, 'backend'))];
    for (const name of backends.map((backend) => text(at(backend, 'service', 'name')))) {
      if (name !== '') wants.push(`service|${placed(name)}`);
    }
  }
  if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
    const role = object['roleRef'];
    if (at(role, 'kind') === 'Role') wants.push(`role|${placed(at(role, 'name'))}`);
    else wants.push(`cluster role|${text(at(role, 'name'))}`);
  }
  const claims =
    kind === 'PersistentVolumeClaim' ? [object as Json] : items(at(object, 'spec', 'volumeClaimTemplates'));
  for (const className of claims.map((claim) => text(at(claim, 'spec', 'storageClassName')))) {
    if (className !== '') wants.push(`storage class|${className}`);
  }
  return wants;
}

function webhooksOf(object: FactObject): Webhook[] {
  return items(object['webhooks']).map((webhook) => ({
    configuration: object.metadata.name,
    rules: items(at(webhook, 'rules'))
      // What only intercepts deletions and the like delays no release.
      .filter((rule) =>
        items(at(rule, 'operations')).some((one) => one === '*' || one === 'CREATE' || one === 'UPDATE'),
      )
      .map((rule) => ({
        groups: items(at(rule, 'apiGroups')).map(text),
        resources: items(at(rule, 'resources')).map(text),
      })),
    namespaceSelector: selectorOf(at(webhook, 'namespaceSelector')),
    objectSelector: selectorOf(at(webhook, 'objectSelector')),
  }));
}

function selectorOf(value: Json): LabelSelector {
  const labels = entries(at(value, 'matchLabels')).map(([name, one]) => [name, text(one)] as const);
  const matchExpressions = items(at(value, 'matchExpressions')).map((one) => ({
    key: text(at(one, 'key')),
    operator: text(at(one, 'operator')),
    values: items(at(one, 'values')).map(text),
  }));
  return { matchLabels: Object.fromEntries(labels), matchExpressions };
}
