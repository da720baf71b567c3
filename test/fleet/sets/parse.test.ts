// Sets as hive takes them: its defaults, what its admission refuses, and what it would drop without a word.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSet, parseSet } from '../../../scripts/fleet/sets/parse.ts';
import type { SyncSet } from '../../../scripts/fleet/sets/types.ts';

const sets = suite('parsing sets');

type Spec = Record<string, unknown>;

function read(
  kind: 'SyncSet' | 'SelectorSyncSet',
  spec: unknown,
  metadata: object = {},
): { set: SyncSet; said: string[] } {
  const object = { apiVersion: 'hive.openshift.io/v1', kind, metadata: { name: 's', ...metadata }, spec };
  const { set, problems } = parseSet(object, 'here');
  return { set, said: problems.map(({ level, path, message }) => `${level} ${path} ${message}`) };
}

const selecting = (spec: Spec): ReturnType<typeof read> =>
  read('SelectorSyncSet', { clusterDeploymentSelector: { matchLabels: { a: 'b' } }, ...spec });
const said = (spec: Spec): string[] => selecting(spec).said;

sets('what is left out has hive’s defaults', () => {
  const { set, said: none } = read('SyncSet', { clusterDeploymentRefs: [{ name: 'c' }] });
  assert.equal(none, []);
  assert.equal(
    { ...set, digest: '' },
    {
      kind: 'SyncSet',
      namespace: 'default',
      name: 's',
      generation: 0,
      created: undefined,
      annotations: {},
      selector: undefined,
      clusters: ['c'],
      mode: 'Upsert',
      behavior: 'Apply',
      resources: [],
      patches: [],
      secretMappings: [],
      resourceTemplates: false,
      patchTemplates: false,
      digest: '',
      where: 'here',
    },
  );
  const { set: own } = read(
    'SyncSet',
    { clusterDeploymentRefs: [], enablePatchTemplates: true, resourceApplyMode: '', applyBehavior: 'CreateOnly' },
    { namespace: 'team', generation: 4, annotations: { a: 'b', c: 1 } },
  );
  assert.equal([own.namespace, own.generation, own.annotations], ['team', 4, { a: 'b' }]);
  assert.equal(
    [own.mode, own.behavior, own.resourceTemplates, own.patchTemplates],
    ['Upsert', 'CreateOnly', false, true],
  );
});

sets('a set is one by its group and kind', () => {
  const of = (apiVersion: unknown, kind: string): boolean => isSet({ apiVersion, kind });
  assert.ok(of('hive.openshift.io/v1', 'SyncSet'));
  assert.ok(of('hive.openshift.io/v1alpha1', 'SelectorSyncSet'));
  assert.not(of('hive.openshift.io/v1', 'ClusterDeployment'));
  assert.not(of('hive.openshift.io.example/v1', 'SyncSet'));
  assert.not(of(1, 'SyncSet'));
});

sets('a selector that is empty selects all, which is worth a warning; with its terms beside it, a refusal', () => {
  assert.equal(read('SelectorSyncSet', {}).said, [
    'warning spec.clusterDeploymentSelector is empty: the set selects every cluster',
  ]);
  const { said: misplaced } = read('SelectorSyncSet', { clusterDeploymentSelector: {}, matchLabels: { a: 'b' } });
  assert.equal(misplaced, [
    'warning spec.matchLabels is no field of a SelectorSyncSet and would be dropped; it belongs one level deeper, into clusterDeploymentSelector',
    'error spec.clusterDeploymentSelector is empty, and so selects all clusters, while its terms are one level too high',
  ]);
  const path = 'error spec.clusterDeploymentSelector';
  const of = (clusterDeploymentSelector: unknown): string[] => said({ clusterDeploymentSelector });
  assert.equal(of('a=b'), [`${path} is no mapping`]);
  assert.equal(of({ a: 'b' }), [`${path}.a is no term of a selector`]);
  assert.equal(of({ matchLabels: 'a' }), [`${path}.matchLabels is no mapping`]);
  assert.equal(of({ matchLabels: { a: 1 } }), [`${path}.matchLabels has a value that is no text; quote it`]);
  assert.equal(of({ matchLabels: null, matchExpressions: [{ key: 'a', operator: 'Exists' }] }), []);
  assert.equal(of({ matchExpressions: ['a'] }), [`${path}.matchExpressions has an entry that is no mapping`]);
});

sets('references of a SyncSet', () => {
  const path = 'error spec.clusterDeploymentRefs';
  assert.equal(read('SyncSet', {}).said, [`${path} is missing: the set belongs to no cluster`]);
  const refs = { clusterDeploymentRefs: ['c', { name: '' }, { name: 1 }] };
  assert.equal(read('SyncSet', refs).said, [
    `${path}[0].name is missing`,
    `${path}[1].name is missing`,
    `${path}[2].name is no text`,
  ]);
});

sets('words and flags that hive does not know, and fields that it would drop', () => {
  assert.equal(said({ resourceApplyMode: 'sync', enableResourceTemplates: 'yes', patches: {} }), [
    'error spec.resourceApplyMode must be one of Upsert, Sync, not "sync"',
    'error spec.patches is no list',
    'error spec.enableResourceTemplates is neither true nor false',
  ]);
  assert.equal(said({ resourceAplyMode: 'Sync' }), [
    'warning spec.resourceAplyMode is no field of a SelectorSyncSet and would be dropped; did you mean resourceApplyMode?',
  ]);
  assert.equal(read('SelectorSyncSet', null).said[0], 'error spec is missing');
});

sets('resources: objects with a kind and a name, none that hive refuses', () => {
  const of = (resource: unknown): string[] =>
    said({ resources: [resource] }).map((one) => one.replace('error spec.resources[0]', ''));
  const v1 = { apiVersion: 'v1', kind: 'ConfigMap' };
  assert.equal(of({ ...v1, metadata: { name: 'n' } }), []);
  assert.equal(of('text'), [' is no object']);
  assert.equal(of({ metadata: { name: 'n' } }), ['.apiVersion is missing', '.kind is missing']);
  assert.equal(of(v1), ['.metadata.name is missing']);
  assert.equal(of({ ...v1, metadata: { generateName: 'n-' } }), [
    '.metadata has generateName alone: each pass would create one more object',
  ]);
  assert.equal(of({ ...v1, metadata: { generateName: 'n-', name: 'n' } }), []);
  const role = { apiVersion: 'authorization.openshift.io/v1', kind: 'Role', metadata: { name: 'n' } };
  assert.equal(of(role), [' Role of authorization.openshift.io is refused; use rbac.authorization.k8s.io']);
  assert.equal(of({ ...role, kind: 'Other' }), []);
  assert.equal(of({ ...role, apiVersion: 'rbac.authorization.k8s.io/v1' }), []);
});

sets('nested without an end is an error, not the end of the process; what is written by people is far from it', () => {
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n' } };
  assert.equal(said({ resources: [{ ...config, data: nested(400) }] }), []);
  assert.ok(
    said({ resources: [{ ...config, data: nested(100_000) }] }).includes('error spec is nested deeper than 500 levels'),
  );
});

sets('patches: a namespace where one is written, strategic unless said otherwise', () => {
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', name: 'n', patch: '{}' };
  const patches = [patch, { ...patch, namespace: 'team', patchType: 'merge' }, { ...patch, namespace: '' }];
  const { set, said: none } = selecting({ patches });
  assert.equal(none, []);
  assert.equal(
    set.patches.map(({ namespace, patchType }) => [namespace, patchType]),
    [
      [undefined, 'strategic'],
      ['team', 'merge'],
      [undefined, 'strategic'],
    ],
  );
  assert.equal(said({ patches: [{ ...patch, patch: '', patchType: 'Merge' }] }), [
    'error spec.patches[0].patch is missing',
    'error spec.patches[0].patchType must be one of json, merge, strategic, not "Merge"',
  ]);
});

sets('mapped Secrets: a SyncSet maps out of its own namespace alone, a SelectorSyncSet names one', () => {
  const path = 'error spec.secretMappings[0].sourceRef.namespace';
  const mapping = (namespace?: string): Spec => ({
    clusterDeploymentRefs: [],
    secretMappings: [{ sourceRef: { name: 'a', namespace }, targetRef: { name: 'b', namespace: 't' } }],
  });
  const own = read('SyncSet', mapping(), { namespace: 'team' });
  assert.equal(own.said, []);
  assert.equal(own.set.secretMappings, [
    { sourceRef: { name: 'a', namespace: 'team' }, targetRef: { name: 'b', namespace: 't' } },
  ]);
  assert.equal(read('SyncSet', mapping('team'), { namespace: 'team' }).said, []);
  assert.equal(read('SyncSet', mapping('other'), { namespace: 'team' }).said, [`${path} must be the set's own, team`]);
  const { secretMappings } = mapping();
  assert.equal(said({ secretMappings }), [`${path} is missing: a SelectorSyncSet has no namespace of its own`]);
  assert.equal(said({ secretMappings: mapping('n')['secretMappings'] }), []);
});

sets('a SelectorSyncSet has no namespace, and what has an effect is in the digest', () => {
  const { set, said: warned } = read(
    'SelectorSyncSet',
    { clusterDeploymentSelector: { matchLabels: {} } },
    { namespace: 'n' },
  );
  assert.is(set.namespace, undefined);
  assert.equal(warned, ['warning metadata.namespace a SelectorSyncSet has no namespace; it is ignored']);
  const digests = [
    {},
    { resourceApplyMode: 'Sync' },
    { applyBehavior: 'CreateOnly' },
    { enablePatchTemplates: true },
  ].map((spec) => selecting(spec).set.digest);
  assert.is(new Set(digests).size, digests.length);
  assert.is(selecting({ resourceApplyMode: 'Upsert' }).set.digest, digests[0]);
});

const LONG = 'n'.repeat(254);

for (const name of ['a b', '$SS_NAME', '<cluster name>', '../x', 'A', 'a_b', 'a.', '-a', 'a..b', 'x\u001b[31m', LONG]) {
  sets(
    `${JSON.stringify(name.slice(0, 20))} is no name of a set, nor of a namespace, and hardly one of a cluster`,
    () => {
      const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
      const why = `is ${shown}, which no object can have: small letters, digits, dashes and dots`;
      const refs = { clusterDeploymentRefs: [{ name: 'c' }] };
      assert.equal(read('SyncSet', refs, { name }).said, [`error metadata.name ${why}`]);
      assert.equal(read('SyncSet', refs, { namespace: name }).said, [`error metadata.namespace ${why}`]);
      const aimed = read('SyncSet', { clusterDeploymentRefs: [{ name: 'c' }, { name }] });
      assert.equal(aimed.said, [`warning spec.clusterDeploymentRefs[1].name ${why}`]);
    },
  );
}

sets('fields of a patch that there are not', () => {
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', name: 'm', patch: '{}', patchType: 'merge' };
  const dropped = 'is no field of a patch and would be dropped';
  assert.equal(said({ patches: [patch, { ...patch, applyMode: 'AlwaysApply' }] }), []);
  assert.equal(said({ patches: [patch, { ...patch, applyMode: 'ApplyOnce', patchtype: 'json', z: 1 }] }), [
    `warning spec.patches[1].applyMode ${dropped}: patches are applied whenever they are missing`,
    `warning spec.patches[1].patchtype ${dropped}; did you mean patchType?`,
    `warning spec.patches[1].z ${dropped}`,
  ]);
});

sets.run();
