// The order that Kubernetes asks for, found from objects as charts render them: each kind of edge, and what makes none.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import type { FactObject } from '../../../../scripts/services/helm/implied/fact.ts';
import { factsOf } from '../../../../scripts/services/helm/implied/facts.ts';
import { type ReleasePart, impliedEdges } from '../../../../scripts/services/helm/implied/implied.ts';
import { serviceParts, surroundingParts } from '../../../../scripts/services/helm/implied/parts.ts';
import { readyStep, releaseStep } from '../../../../scripts/services/helm/service.ts';
import { serviceOf } from '../workshop.ts';

const implied = suite('services: implied edges');

const objects = (yaml: string): FactObject[] =>
  parseAllDocuments(yaml).map((document) => document.toJS() as FactObject);

/** A service that makes these objects in the namespace `apps`. */
function part(name: string, yaml: string, waits = true): ReleasePart {
  return { name, made: releaseStep(name), ready: readyStep(name), facts: factsOf(objects(yaml), 'apps'), waits };
}

type Needs = Record<string, readonly string[]>;

/** `a → b: why` of the two services, or of what is given. */
function edges(parts: readonly ReleasePart[], needs: Needs = {}): string[] {
  const graph = new Map(
    parts.flatMap(({ made, ready, name }) => [
      [made, needs[name] ?? []] as const,
      ...(ready === made ? [] : [[ready, [made]] as const]),
    ]),
  );
  const short = (step: string): string => step.replace(/^release\//, '');
  return impliedEdges(parts, graph).map(
    ({ step, needs: need, why, left }) => `${short(step)} → ${short(need)}: ${why}${left === true ? ' (left)' : ''}`,
  );
}

const meta = (name: string, more = ''): string => `metadata: { name: ${name}${more === '' ? '' : `, ${more}`} }`;
const object = (apiVersion: string, kind: string, name: string, more = ''): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\n${meta(name)}\n${more}`;
const definition = (kind: string, scope: string): string =>
  object(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    `${kind.toLowerCase()}s.example.com`,
    `spec: { group: example.com, scope: ${scope}, names: { kind: ${kind}, plural: ${kind.toLowerCase()}s } }`,
  );
const deployment = (pod: string): string =>
  object('apps/v1', 'Deployment', 'web', `spec: { template: { spec: ${pod} } }`);
const container = (more: string): string => deployment(`{ containers: [{ image: web, ${more} }] }`);
const volume = (more: string): string => deployment(`{ volumes: [{ name: v, ${more} }] }`);

/** What one service offers, what the other one has, and why it waits. */
const found: Record<string, [string, string, string]> = {
  'definition → its objects': [
    definition('Widget', 'Namespaced'),
    object('example.com/v1', 'Widget', 'one'),
    'Widget apps/one is of a definition of "owner"',
  ],
  'definition → its objects of no namespace': [
    definition('Gadget', 'Cluster'),
    object('example.com/v1beta1', 'Gadget', 'one'),
    'Gadget one is of a definition of "owner"',
  ],
  'namespace → what is in it': [
    object('v1', 'Namespace', 'elsewhere'),
    `apiVersion: v1\nkind: ConfigMap\n${meta('one', 'namespace: elsewhere')}`,
    'ConfigMap elsewhere/one needs the namespace elsewhere of "owner"',
  ],
  'secret → environment of a workload': [
    object('v1', 'Secret', 's'),
    container('envFrom: [{ secretRef: { name: s } }]'),
    'Deployment apps/web needs the secret apps/s of "owner"',
  ],
  'secret → variable': [
    object('v1', 'Secret', 's'),
    container('env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: a } } }]'),
    'Deployment apps/web needs the secret apps/s of "owner"',
  ],
  'secret → volume': [
    object('v1', 'Secret', 's'),
    volume('secret: { secretName: s }'),
    'Deployment apps/web needs the secret apps/s of "owner"',
  ],
  'secret → pull secret': [
    object('v1', 'Secret', 's'),
    deployment('{ imagePullSecrets: [{ name: s }] }'),
    'Deployment apps/web needs the secret apps/s of "owner"',
  ],
  'config map → environment of an init container': [
    object('v1', 'ConfigMap', 'c'),
    deployment('{ initContainers: [{ envFrom: [{ configMapRef: { name: c } }] }] }'),
    'Deployment apps/web needs the config map apps/c of "owner"',
  ],
  'secret → workload of another namespace than that of the release': [
    `apiVersion: v1\nkind: Secret\n${meta('s', 'namespace: elsewhere')}`,
    container('envFrom: [{ secretRef: { name: s } }]').replace(meta('web'), meta('web', 'namespace: elsewhere')),
    'Deployment elsewhere/web needs the secret elsewhere/s of "owner"',
  ],
  'config map → projected volume of a cron job': [
    object('v1', 'ConfigMap', 'c'),
    object(
      'batch/v1',
      'CronJob',
      'nightly',
      'spec: { jobTemplate: { spec: { template: { spec: { volumes: [{ projected: { sources: [{ configMap: { name: c } }] } }] } } } } }',
    ),
    'CronJob apps/nightly needs the config map apps/c of "owner"',
  ],
  'service account → workload': [
    object('v1', 'ServiceAccount', 'robot'),
    deployment('{ serviceAccountName: robot }'),
    'Deployment apps/web needs the service account apps/robot of "owner"',
  ],
  'role → binding': [
    object('rbac.authorization.k8s.io/v1', 'Role', 'reader'),
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'b', 'roleRef: { kind: Role, name: reader }'),
    'RoleBinding apps/b needs the role apps/reader of "owner"',
  ],
  'cluster role → binding': [
    object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'reader'),
    object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'b', 'roleRef: { kind: ClusterRole, name: reader }'),
    'ClusterRoleBinding b needs the cluster role reader of "owner"',
  ],
  'storage class → claim': [
    object('storage.k8s.io/v1', 'StorageClass', 'fast'),
    object('v1', 'PersistentVolumeClaim', 'data', 'spec: { storageClassName: fast }'),
    'PersistentVolumeClaim apps/data needs the storage class fast of "owner"',
  ],
  'storage class → claims of a stateful set': [
    object('storage.k8s.io/v1', 'StorageClass', 'fast'),
    object('apps/v1', 'StatefulSet', 'db', 'spec: { volumeClaimTemplates: [{ spec: { storageClassName: fast } }] }'),
    'StatefulSet apps/db needs the storage class fast of "owner"',
  ],
  'service → ingress': [
    object('v1', 'Service', 'web'),
    object(
      'networking.k8s.io/v1',
      'Ingress',
      'in',
      'spec: { rules: [{ http: { paths: [{ backend: { service: { name: web } } }] } }] }',
    ),
    'Ingress apps/in needs the service apps/web of "owner"',
  ],
  'service → ingress without rules': [
    object('v1', 'Service', 'web'),
    object('networking.k8s.io/v1', 'Ingress', 'in', 'spec: { defaultBackend: { service: { name: web } } }'),
    'Ingress apps/in needs the service apps/web of "owner"',
  ],
  'ingress class → ingress': [
    object('networking.k8s.io/v1', 'IngressClass', 'nginx'),
    object('networking.k8s.io/v1', 'Ingress', 'in', 'spec: { ingressClassName: nginx }'),
    'Ingress apps/in needs the ingress class nginx of "owner"',
  ],
  'priority class → workload': [
    object('scheduling.k8s.io/v1', 'PriorityClass', 'urgent'),
    deployment('{ priorityClassName: urgent }'),
    'Deployment apps/web needs the priority class urgent of "owner"',
  ],
};

for (const [name, [offers, wants, why]] of Object.entries(found)) {
  implied(name, () => {
    assert.equal(edges([part('other', wants), part('owner', offers)]), [`other → owner: ${why}`]);
    assert.equal(edges([part('other', wants, false), part('owner', offers)]), [], 'switched off');
    assert.equal(edges([part('both', `${wants}\n---\n${offers}`)]), [], 'of its own');
  });
}

/** What looks alike, and needs nothing. */
const none: Record<string, [string, string]> = {
  'the same name in another namespace': [
    `apiVersion: v1\nkind: Secret\n${meta('s', 'namespace: elsewhere')}`,
    volume('secret: { secretName: s }'),
  ],
  'a secret that it can do without': [object('v1', 'Secret', 's'), volume('secret: { secretName: s, optional: true }')],
  'a variable that it can do without': [
    object('v1', 'ConfigMap', 'c'),
    container('env: [{ name: A, valueFrom: { configMapKeyRef: { name: c, key: a, optional: true } } }]'),
  ],
  'the account that each namespace has by itself': [
    object('v1', 'ServiceAccount', 'default'),
    deployment('{ serviceAccountName: default }'),
  ],
  'the default storage class': [
    object('storage.k8s.io/v1', 'StorageClass', 'fast'),
    object('v1', 'PersistentVolumeClaim', 'data', "spec: { storageClassName: '' }"),
  ],
  'a definition of another group': [definition('Widget', 'Namespaced'), object('other.example/v1', 'Widget', 'one')],
};

for (const [name, [offers, wants]] of Object.entries(none)) {
  implied(`no edge: ${name}`, () => {
    assert.equal(edges([part('other', wants), part('owner', offers)]), []);
  });
}

const webhook = (more: string, rule = "apiGroups: [''], resources: [configmaps]", operations = '[CREATE]'): string =>
  object(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'guard',
    `webhooks: [{ name: g, ${more} rules: [{ ${rule}, operations: ${operations} }] }]`,
  );
const configMap = (labels = ''): string => `apiVersion: v1\nkind: ConfigMap\n${meta('one', `labels: { ${labels} }`)}`;
const intercepted = (hook: string, made: string, more: ReleasePart[] = []): boolean =>
  edges([part('other', made), part('owner', hook), ...more]).some((edge) => edge.startsWith('other → owner/ready: '));

implied('webhook → what it intercepts, when the webhook is ready', () => {
  assert.equal(edges([part('other', configMap()), part('owner', webhook(''))]), [
    'other → owner/ready: the webhook guard of "owner" intercepts ConfigMap apps/one',
  ]);
  assert.equal(edges([part('other', configMap(), false), part('owner', webhook(''))]), [], 'switched off');
});

implied('the pods of a workload are intercepted too', () => {
  const pods = webhook('', "apiGroups: [''], resources: [pods]");
  assert.ok(intercepted(pods, deployment('{ containers: [] }')));
  assert.not.ok(intercepted(pods, configMap()));
});

implied('rules: groups, resources and operations', () => {
  assert.ok(intercepted(webhook('', "apiGroups: ['*'], resources: ['*/*']"), configMap()));
  assert.ok(intercepted(webhook('', "apiGroups: [''], resources: ['*']", '[UPDATE]'), configMap()));
  assert.not.ok(intercepted(webhook('', "apiGroups: [apps], resources: ['*']"), configMap()));
  assert.not.ok(intercepted(webhook('', "apiGroups: [''], resources: [secrets]"), configMap()));
  assert.not.ok(intercepted(webhook('', undefined, '[DELETE]'), configMap()));
});

implied('selectors of objects and of namespaces', () => {
  const byName = 'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: apps } },';
  assert.ok(intercepted(webhook(byName), configMap()));
  assert.not.ok(intercepted(webhook(byName.replace('apps', 'others')), configMap()));
  const label = 'namespaceSelector: { matchExpressions: [{ key: guarded, operator: Exists }] },';
  const labelled = part('third', `apiVersion: v1\nkind: Namespace\n${meta('apps', "labels: { guarded: 'yes' }")}`);
  assert.not.ok(intercepted(webhook(label), configMap()));
  assert.ok(intercepted(webhook(label), configMap(), [labelled]));
  const expression = (text: string): string =>
    webhook(`objectSelector: { matchExpressions: [{ key: tier, ${text} }] },`);
  const cases: [string, string, boolean][] = [
    ['operator: In, values: [a, b]', 'tier: a', true],
    ['operator: In, values: [a, b]', 'tier: c', false],
    ['operator: In, values: [a]', '', false],
    ['operator: NotIn, values: [a]', '', true],
    ['operator: NotIn, values: [a]', 'tier: a', false],
    ['operator: DoesNotExist', '', true],
    ['operator: DoesNotExist', 'tier: a', false],
  ];
  for (const [selector, labels, expected] of cases)
    assert.is(intercepted(expression(selector), configMap(labels)), expected, `${selector} on ${labels}`);
});

implied('objects of no namespace pass by selectors of namespaces, also those of definitions', () => {
  const nowhere = 'namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: nowhere } },';
  const rule = 'apiGroups: [example.com], resources: [gadgets, widgets]';
  const defined = part('third', `${definition('Gadget', 'Cluster')}\n---\n${definition('Widget', 'Namespaced')}`);
  const list = [
    part('other', object('example.com/v1', 'Gadget', 'one')),
    part('owner', webhook(nowhere, rule)),
    defined,
  ];
  assert.equal(edges(list), [
    'other → third: Gadget one is of a definition of "third"',
    'other → owner/ready: the webhook guard of "owner" intercepts Gadget one',
  ]);
  assert.not.ok(intercepted(webhook(nowhere, rule), object('example.com/v1', 'Widget', 'one'), [defined]));
});

implied('what is waited for already makes no edge, and one is enough', () => {
  const owner = part('owner', `${object('v1', 'Secret', 's')}\n---\n${object('v1', 'ConfigMap', 'c')}`);
  const wants = container('envFrom: [{ secretRef: { name: s } }, { configMapRef: { name: c } }]');
  assert.is(edges([part('other', wants), owner]).length, 1);
  assert.equal(edges([part('other', wants), owner], { other: ['release/owner/ready'] }), []);
  const between = part('between', configMap());
  assert.equal(
    edges([part('other', wants), between, owner], {
      other: ['release/between'],
      between: ['release/owner'],
    }),
    [],
  );
});

implied('an edge that would close a cycle is left out, and told', () => {
  const a = part('a', `${object('v1', 'Secret', 's')}\n---\n${deployment('{ serviceAccountName: robot }')}`);
  const b = part('b', `${object('v1', 'ServiceAccount', 'robot')}\n---\n${volume('secret: { secretName: s }')}`);
  assert.equal(edges([a, b]), [
    'a → b: Deployment apps/web needs the service account apps/robot of "b"',
    'b → a: Deployment apps/web needs the secret apps/s of "a" (left)',
  ]);
  assert.equal(edges([a, b], { b: ['release/a/ready'] }), [
    'a → b: Deployment apps/web needs the service account apps/robot of "b" (left)',
  ]);
});

implied('what the run makes beside services is waited for; the manifests of the user wait themselves', () => {
  const manifest = (yaml: string): { object: FactObject; where: string }[] =>
    objects(yaml).map((one) => ({ object: one, where: 'f.yaml:1:1' }));
  const around = surroundingParts({
    namespaces: ['apps', 'empty'],
    clusterResources: manifest(object('storage.k8s.io/v1', 'StorageClass', 'fast')),
    namespaceResources: manifest(object('v1', 'ServiceAccount', 'robot')),
    manifests: manifest(`apiVersion: example.com/v1\nkind: Widget\n${meta('mine', 'namespace: apps')}`),
    secrets: [{ name: 'pull', namespaces: ['apps'] }],
  });
  const web = serviceOf({ name: 'web', namespace: 'apps' });
  const other = serviceOf({ name: 'operator', namespace: 'apps', implied: false });
  const facts = new Map([
    [
      'web',
      factsOf(
        objects(
          `${deployment('{ serviceAccountName: robot, imagePullSecrets: [{ name: pull }] }')}\n---\n${object('v1', 'PersistentVolumeClaim', 'data', 'spec: { storageClassName: fast }')}`,
        ),
        'apps',
      ),
    ],
    ['operator', factsOf(objects(definition('Widget', 'Namespaced')), 'apps')],
  ]);
  const parts = [...around, ...serviceParts([web, other], facts)];
  assert.equal(edges(parts).sort(), [
    'manifests → namespace/apps: Widget apps/mine needs the namespace apps of "namespace/apps"',
    'manifests → operator: Widget apps/mine is of a definition of "operator"',
    'web → namespace/apps: Deployment apps/web needs the namespace apps of "namespace/apps"',
    'web → resources/apps: Deployment apps/web needs the service account apps/robot of "resources/apps"',
    'web → resources: PersistentVolumeClaim apps/data needs the storage class fast of "resources"',
    'web → secrets/apps: Deployment apps/web needs the secret apps/pull of "secrets/apps"',
  ]);
});

implied.run();
