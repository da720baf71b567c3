// Secrets of the hub that a set maps: what goes along, and what is said where one is not there.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Mapper } from '../../../scripts/fleet/desired/mapper.ts';
import { type Rendered, Renderer } from '../../../scripts/fleet/desired/render.ts';
import type { SourceSecret } from '../../../scripts/fleet/targets/types.ts';
import { configMap, selectorSet } from '../objects.ts';

const test = suite('fleet/desired/mapper');

const mapping = (name: string, target: object = { name: 't' }, source: object = {}): object => ({
  sourceRef: { name, namespace: 'hub', ...source },
  targetRef: target,
});
const rendered = (mappings: object[], more: object = {}): Rendered =>
  new Renderer().render(selectorSet('s', { resources: [configMap('c', {})], secretMappings: mappings, ...more }), {});
const hub = (secrets: Record<string, SourceSecret>) => ({
  secret: (namespace: string, name: string) => Promise.resolve(secrets[`${namespace}/${name}`]),
});

test('type, data, labels and annotations go along; the rest is of the hub', async () => {
  const source = {
    type: 'Opaque',
    data: { k: 'dg==' },
    labels: { a: 'b' },
    annotations: { c: 'd', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
  };
  const { items, mappingProblem } = await new Mapper().complete(rendered([mapping('x')]), hub({ 'hub/x': source }));
  assert.is(mappingProblem, undefined);
  assert.equal(
    items.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    ['ConfigMap default/c', 'Secret hub/t'],
  );
  assert.equal(items[1]?.object, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 't', namespace: 'hub', labels: { a: 'b' }, annotations: { c: 'd' } },
    type: 'Opaque',
    data: { k: 'dg==' },
  });
  assert.equal(items[1]?.owners, ['SelectorSyncSet/s']);
});

test('a bare Secret, and its place on the cluster', async () => {
  const to = async (target: object, source: object = {}): Promise<string> => {
    const all = { 'hub/x': {}, 'default/x': {} };
    const { items } = await new Mapper().complete(rendered([mapping('x', target, source)]), hub(all));
    const { metadata, ...rest } = items[1]?.object ?? {};
    assert.equal(rest, { apiVersion: 'v1', kind: 'Secret', data: {} });
    assert.equal({ ...(metadata as object), namespace: '' }, { name: 't', namespace: '', labels: {}, annotations: {} });
    return String(items[1]?.namespace);
  };
  assert.is(await to({ name: 't', namespace: 'own' }), 'own');
  assert.is(await to({ name: 't' }), 'hub');
});

test('one that is not there is a problem, and those before it are kept', async () => {
  const set = rendered([mapping('x', { name: 'one' }), mapping('gone'), mapping('x', { name: 'three' })]);
  const { items, mappingProblem } = await new Mapper().complete(set, hub({ 'hub/x': {} }));
  assert.is(mappingProblem, 'secretMappings[1]: Secret hub/gone does not exist');
  assert.equal(
    items.map(({ name }) => name),
    ['c', 'one'],
  );
});

test('an Upsert set owns nothing that it maps', async () => {
  const set = rendered([mapping('x')], { resourceApplyMode: 'Upsert' });
  assert.equal((await new Mapper().complete(set, hub({ 'hub/x': {} }))).items[1]?.owners, []);
});

test('made again only where a Secret has changed', async () => {
  const mapper = new Mapper();
  const set = rendered([mapping('x')]);
  const first = await mapper.complete(set, hub({ 'hub/x': { data: { k: '1' } } }));
  assert.is(await mapper.complete(set, hub({ 'hub/x': { data: { k: '1' } } })), first);
  assert.is.not(await mapper.complete(set, hub({ 'hub/x': { data: { k: '2' } } })), first);
});

test.run();
