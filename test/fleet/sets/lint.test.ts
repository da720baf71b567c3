// Mistakes in sets that are found before a cluster sees them, each with its rule and its place.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintSets } from '../../../scripts/fleet/sets/lint.ts';
import { configMap, namespace } from '../objects.ts';

const test = suite('fleet/sets/lint');

type Json = Record<string, unknown>;

function selector(name: string, resources: readonly unknown[], more: Json = {}): Json {
  return {
    apiVersion: 'hive.openshift.io/v1',
    kind: 'SelectorSyncSet',
    metadata: { name },
    spec: { clusterDeploymentSelector: { matchLabels: { a: 'b' } }, resources, ...more },
  };
}

function found(...objects: Json[]): string[] {
  const given = objects.map((object, at) => ({ object, where: `file${at}`, place: (path: string) => `${at}:${path}` }));
  return lintSets(given).map(({ set, rule, level, where }) => `${set} ${level} ${rule} ${where}`);
}

const one = (resource: unknown, more: Json = {}): string[] =>
  found(selector('s', [resource], more)).map((line) => line.replace('SelectorSyncSet/s ', '').replace('0:spec.', ''));

const messages = (resource: unknown, more: Json = {}): string[] =>
  lintSets([{ object: selector('s', [resource], more), where: '', place: (path) => path }]).map(
    ({ message }) => message,
  );

test('what is right has no findings', () => {
  const good = [
    configMap('a', { k: 'v' }),
    namespace('n'),
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template: {} } },
    { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, anything: 1 },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [] },
  ];
  assert.equal(found(selector('s', good)), []);
});

test('kinds begin with a capital letter', () => {
  assert.equal(one({ apiVersion: 'v1', kind: 'configmap', metadata: { name: 'a' } }), ['error kind resources[0].kind']);
  assert.match(
    messages({ apiVersion: 'v1', kind: 'configmap', metadata: { name: 'a' } })[0] ?? '',
    /did you mean ConfigMap\?$/,
  );
  assert.match(messages({ apiVersion: 'v1', kind: 'widget', metadata: { name: 'a' } })[0] ?? '', /small letter$/);
  const patches = [{ apiVersion: 'v1', kind: 'secret', name: 'x', patch: '{}', patchType: 'merge' }];
  assert.equal(one(configMap('a', {}), { patches }), ['error kind patches[0].kind']);
});

test('data that no server can decode, but not what a template makes or is text', () => {
  const secret = (data: unknown, more: Json = {}): Json => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data,
    ...more,
  });
  const good = { a: 'YQ==', b: '', c: 'YWJj', folded: 'YWJj\nYWJj\n' };
  assert.equal(one(secret(good)), []);
  assert.equal(one(secret({ ...good, bad: '(encoded secret)', cut: 'YQ=', text: 'plain' })), [
    'error secret-data resources[0].data.bad',
    'error secret-data resources[0].data.cut',
    'error secret-data resources[0].data.text',
  ]);
  assert.equal(one(secret({}, { stringData: { a: '(any text)' } })), []);
  const binary = { ...configMap('m', { text: '(any text)' }), binaryData: { x: '(any text)' } };
  assert.equal(one(binary), ['error secret-data resources[0].binaryData.x']);
  const templated = secret({ a: '{{ fromCDLabel "a" }}', b: '(no)' });
  assert.equal(one(templated, { enableResourceTemplates: true }), ['error secret-data resources[0].data.b']);
});

test('fields that server-side apply refuses', () => {
  const map = { ...configMap('a', {}), spec: {} };
  assert.equal(one(map), ['error misplaced-field resources[0].spec']);
  assert.not.match(messages(map)[0] ?? '', 'it may belong into spec');
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, replicas: 2 };
  assert.match(messages(deployment)[0] ?? '', /^replicas is no field of a Deployment: .*; it may belong into spec$/);
  assert.equal(one({ ...configMap('a', {}), immutable: true, binaryData: {} }), []);
});

test('a status, and list items without content, wherever they are', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ a: [null] }, null] },
    status: {},
  };
  assert.equal(one(service), [
    'error null-item resources[0].spec.ports[0].a[0]',
    'error null-item resources[0].spec.ports[1]',
    'warning status resources[0].status',
  ]);
  assert.equal(one({ ...service, spec: { a: null }, status: undefined }), []);
});

test('templates: those that are none, and those that nobody renders', () => {
  const templated = configMap('a', { k: '{{ fromCDLabel "x" }}', list: ['{{ fromCDLabel "y" }}'] });
  assert.equal(one(templated), ['warning template-not-enabled resources[0]']);
  assert.equal(one(templated, { enableResourceTemplates: true }), []);
  const broken = configMap('a', { k: '{{ nope "x" }}', list: ['{{ fromCDLabel'], fine: 'x' });
  assert.equal(one(broken, { enableResourceTemplates: true }), [
    'error template resources[0].data.k',
    'error template resources[0].data.list[0]',
  ]);
});

test('patches are JSON, or templates of it', () => {
  const patch = (text: string): Json => ({
    apiVersion: 'v1',
    kind: 'Secret',
    name: 'x',
    patch: text,
    patchType: 'merge',
  });
  const of = (text: string, more: Json = {}): string[] => one(configMap('a', {}), { patches: [patch(text)], ...more });
  assert.equal(of('{}'), []);
  assert.equal(of('{'), ['error patch-json patches[0].patch']);
  assert.equal(of('{{ fromCDLabel "x" }}', { enablePatchTemplates: true }), []);
});

test('what is too large for the annotation that hive needs', () => {
  const large = configMap('a', { k: 'x'.repeat(262_144) });
  assert.equal(one(large), ['warning too-large-for-hive resources[0]']);
  assert.equal(one(large, { applyBehavior: 'CreateOrUpdate' }), []);
  assert.equal(one(configMap('a', { k: 'x'.repeat(261_000) })), []);
});

test('mistakes of a set itself have rules of their own', () => {
  assert.ok(one(configMap('a', {}), { clusterDeploymentSelector: {} }).some((line) => line.includes('empty-selector')));
  assert.ok(one(configMap('a', {}), { resourceAplyMode: 'Sync' }).some((line) => line.includes('unknown-field')));
  assert.ok(one(configMap('a', {}), { resourceApplyMode: 'Odd' }).some((line) => line.includes('invalid')));
  const placed = selector('s', []);
  placed['metadata'] = { name: 's', namespace: 'n' };
  assert.ok(found(placed).some((line) => line.includes('namespaced-selector-set')));
});

test('a Namespace that only later sets hold', () => {
  const user = (name: string): Json => selector(name, [configMap('a', {}, 'team'), configMap('b', {}, 'team')]);
  const maker = (name: string): Json => selector(name, [namespace('team')]);
  assert.equal(found(user('a'), maker('b')), [
    'SelectorSyncSet/a warning namespace-later 0:spec.resources[0].metadata.namespace',
  ]);
  assert.equal(found(user('b'), maker('a')), []);
  assert.equal(found(user('b'), maker('a'), maker('c')), [], 'one that is earlier is enough');
  assert.equal(found(user('a')), [], 'nobody makes it: it is there');
  const both = selector('a', [configMap('x', {}, 'team'), namespace('team')]);
  assert.equal(found(both), [], 'within a set Namespaces come first');
  const clusterWide = { ...namespace('other'), metadata: { name: 'other', namespace: 'team' } };
  assert.equal(found(selector('a', [clusterWide]), maker('b')), []);
  const project = { apiVersion: 'project.openshift.io/v1', kind: 'Namespace', metadata: { name: 'team' } };
  assert.equal(found(user('a'), selector('b', [project])), [], 'another group');
});

test.run();
