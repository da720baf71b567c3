// What waits for what, for any set of objects in any order.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { orderOf } from '../../../scripts/kube/apply/order.ts';

const order = suite('kube: order');

interface Shape {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string | undefined;
  more?: Record<string, unknown>;
}

function manifest({ apiVersion, kind, name, namespace, more = {} }: Shape): Manifest {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { object: { apiVersion, kind, metadata, ...more }, where: `${kind}/${name}` };
}

/** What each object waits for, by `kind/name`. */
function needsOf(...shapes: Shape[]): Record<string, string[]> {
  const manifests = shapes.map(manifest);
  const result: Record<string, string[]> = {};
  orderOf(manifests).forEach(({ needs, after }, at) => {
    const of = manifests[at]?.where ?? '';
    result[of] = [...needs, ...after].map((index) => manifests[index]?.where ?? '');
  });
  return result;
}

const namespace: Shape = { apiVersion: 'v1', kind: 'Namespace', name: 'web' };
const definition: Shape = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'foos.example.org',
  more: { spec: { group: 'example.org', names: { kind: 'Foo', plural: 'foos' } } },
};

order('lets what needs nothing of the set go at once', () => {
  const alone: Shape = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'elsewhere' };
  assert.equal(needsOf(alone, namespace, definition), {
    'ConfigMap/a': [],
    'Namespace/web': [],
    'CustomResourceDefinition/foos.example.org': [],
  });
});

order('lets content wait for its own namespace, and custom resources for their own definition', () => {
  const foo: Shape = { apiVersion: 'example.org/v2', kind: 'Foo', name: 'f', namespace: 'web' };
  const other: Shape = { apiVersion: 'example.com/v1', kind: 'Foo', name: 'g' };
  const needs = needsOf(foo, other, definition, namespace);
  assert.equal(needs['Foo/f'], ['CustomResourceDefinition/foos.example.org', 'Namespace/web']);
  assert.equal(needs['Foo/g'], []);
});

order('lets a pod wait for what its admission asks for', () => {
  const spec = { serviceAccountName: 'sa', priorityClassName: 'high', runtimeClassName: 'vm' };
  const needs = needsOf(
    { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'web', more: { spec } },
    { apiVersion: 'v1', kind: 'ServiceAccount', name: 'sa', namespace: 'web' },
    { apiVersion: 'v1', kind: 'ServiceAccount', name: 'sa', namespace: 'other' },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', name: 'high' },
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name: 'vm' },
  );
  assert.equal(needs['Pod/p'], ['ServiceAccount/sa', 'PriorityClass/high', 'RuntimeClass/vm']);
});

order('lets a binding wait for its role', () => {
  const group = 'rbac.authorization.k8s.io';
  const binding = (kind: string, name: string, role: string, of?: string): Shape => ({
    apiVersion: `${group}/v1`,
    kind,
    name,
    namespace: of,
    more: { roleRef: { apiGroup: group, kind: role, name: 'reader' } },
  });
  const needs = needsOf(
    binding('RoleBinding', 'a', 'Role', 'web'),
    binding('RoleBinding', 'b', 'ClusterRole', 'web'),
    binding('ClusterRoleBinding', 'c', 'ClusterRole'),
    { apiVersion: `${group}/v1`, kind: 'Role', name: 'reader', namespace: 'web' },
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', name: 'reader' },
  );
  assert.equal(needs['RoleBinding/a'], ['Role/reader']);
  assert.equal(needs['RoleBinding/b'], ['ClusterRole/reader']);
  assert.equal(needs['ClusterRoleBinding/c'], ['ClusterRole/reader']);
});

order('puts webhooks last, but lets them go also after failures', () => {
  const hook = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', name: 'h' };
  const manifests = [hook, namespace, { ...hook, name: 'i' }, definition].map(manifest);
  const [first, , second] = orderOf(manifests);
  assert.equal(first, { needs: [], after: [1, 3] });
  assert.equal(second, { needs: [], after: [1, 3] });
});

const names = fc.constantFrom('a', 'b', 'c');
const groups = fc.constantFrom('example.org', 'example.com');
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  names.map((name) => ({ ...namespace, name })),
  fc.record({ group: groups, kind: fc.constantFrom('Foo', 'Bar') }).map(({ group, kind }) => ({
    ...definition,
    name: `${kind}.${group}`,
    more: { spec: { group, names: { kind } } },
  })),
  fc
    .record({
      group: groups,
      kind: fc.constantFrom('Foo', 'Bar'),
      name: names,
      namespace: fc.option(names, { nil: undefined }),
    })
    .map(({ group, ...rest }) => ({ apiVersion: `${group}/v1`, ...rest })),
  fc.record({ name: names, namespace: names, account: names }).map(({ name, account, ...rest }) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', name, ...rest },
    more: { spec: { serviceAccountName: account } },
  })),
  fc.record({ name: names, namespace: names }).map((rest) => ({ apiVersion: 'v1', kind: 'ServiceAccount', ...rest })),
  names.map((name) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    name,
  })),
);
const anySet = fc
  .uniqueArray(anyShape, { selector: (s) => [s.apiVersion, s.kind, s.namespace, s.name].join('|'), maxLength: 40 })
  .map((shapes) => shapes.map(manifest));

order('has no cycle, whatever the set', () => {
  fc.assert(
    fc.property(anySet, (manifests) => {
      const relation = orderOf(manifests);
      const done = new Set<number>();
      for (let before = -1; before < done.size;) {
        before = done.size;
        relation.forEach(({ needs, after }, at) => {
          if ([...needs, ...after].every((other) => done.has(other))) done.add(at);
        });
      }
      assert.is(done.size, manifests.length);
    }),
  );
});

order('makes each object wait for its namespace and definition wherever they stand in the set', () => {
  fc.assert(
    fc.property(anySet, (manifests) => {
      const relation = orderOf(manifests);
      manifests.forEach(({ object }, at) => {
        manifests.forEach(({ object: other }, index) => {
          const spec = other['spec'] as { group?: string; names?: { kind: string } } | undefined;
          const isNamespace = other.kind === 'Namespace' && other.metadata.name === object.metadata.namespace;
          const isDefinition =
            other.kind === 'CustomResourceDefinition' &&
            spec?.names?.kind === object.kind &&
            object.apiVersion.startsWith(`${spec.group ?? ''}/`);
          if (isNamespace || isDefinition) assert.ok(relation[at]?.needs.includes(index));
        });
      });
    }),
  );
});

order.run();
