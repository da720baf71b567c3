// Sets for a cluster's labels: rendered once for what they read of them, and refused as a whole where a part cannot be.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Renderer } from '../../../scripts/fleet/desired/render.ts';
import type { SyncSet } from '../../../scripts/fleet/sets/types.ts';
import { configMap, selectorSet } from '../objects.ts';

const rendering = suite('fleet/desired/render');

const label = (key: string): string => `{{ fromCDLabel "${key}" }}`;
const patch = (text: string, patchType = 'merge') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: 'a',
  namespace: 'n',
  patch: text,
  patchType,
});
const rendered = (set: SyncSet, labels: Record<string, string> = {}) => new Renderer().render(set, labels);

rendering('labels are filled into every text of a set whose resources are templates, and into no other', () => {
  const resource = configMap('a', { k: label('zone'), [label('zone')]: 'x', list: ['-', label('none')], n: 1 });
  const spec = { resources: [resource], enableResourceTemplates: true };
  const [item] = rendered(selectorSet('s', spec), { zone: 'eu' }).items;
  assert.equal(item?.object['data'], { k: 'eu', [label('zone')]: 'x', list: ['-', ''], n: 1 });
  const [plain] = rendered(selectorSet('s', { resources: [resource] }), { zone: 'eu' }).items;
  assert.equal(plain?.object['data'], resource['data']);
  const odd = rendered(selectorSet('s', { ...spec, resources: [configMap('a', { k: label('toString') })] }));
  assert.equal(odd.items[0]?.object['data'], { k: '' });
});

rendering('is the same one for all clusters with the same labels, as far as the set reads them', () => {
  const renderer = new Renderer();
  const set = selectorSet('s', {
    resources: [configMap('a', { k: label('zone'), l: label('tier') })],
    enableResourceTemplates: true,
  });
  const of = (zone: string, tier: string, other = '') => renderer.render(set, { zone, tier, other });
  const first = of('eu', 'a');
  assert.is(of('eu', 'a', 'x'), first);
  const others = [of('us', 'a'), of('eu', 'b')];
  for (const one of others) assert.is.not(one, first);
  assert.is(of('us', 'a'), others[0]);
  renderer.keep([set]);
  assert.is(of('eu', 'a'), first);
  renderer.keep([]);
  assert.is.not(of('eu', 'a'), first);
});

rendering('a set of mode Sync owns what it holds; its word on recreation goes to its objects', () => {
  const resources = [configMap('a', {})];
  const item = (spec: object, annotations = {}) =>
    rendered(selectorSet('s', { resources, ...spec }, annotations)).items[0];
  assert.equal(item({})?.owners, ['SelectorSyncSet/s']);
  assert.equal(item({ resourceApplyMode: 'Upsert' })?.owners, []);
  assert.is(item({})?.recreate, false);
  assert.is(item({}, { 'sync.hoist.dev/recreate': 'true' })?.recreate, true);
  assert.is(item({}, { 'sync.hoist.dev/recreate': 'yes' })?.recreate, false);
});

rendering('patches are JSON of the shape of their type, templates only where they are said to be', () => {
  const cases: [text: string, type: string, templates: boolean, found: string | object][] = [
    ['{"a":1}', 'merge', false, { a: 1 }],
    ['{"a":1}', 'strategic', false, { a: 1 }],
    ['[{"op":"remove"}]', 'json', false, [{ op: 'remove' }]],
    [`{"a":"${label('zone').replaceAll('"', '`')}"}`, 'merge', true, { a: 'eu' }],
    [`{"a":"${label('zone').replaceAll('"', '`')}"}`, 'merge', false, { a: label('zone').replaceAll('"', '`') }],
    ['[]', 'merge', false, 'patches[0].patch: a merge patch is a mapping'],
    ['[]', 'strategic', false, 'patches[0].patch: a strategic patch is a mapping'],
    ['{}', 'json', false, 'patches[0].patch: a json patch is a list'],
    ['{', 'merge', false, 'patches[0].patch: is not JSON: '],
    ['{{ nonsense', 'merge', true, 'patches[0].patch: template: '],
  ];
  for (const [text, type, enablePatchTemplates, found] of cases) {
    const set = { ...selectorSet('s', { resources: [configMap('a', {})] }), patchTemplates: enablePatchTemplates };
    const { patches, problem, items } = rendered({ ...set, patches: [patch(text, type) as never] }, { zone: 'eu' });
    if (typeof found === 'string') {
      assert.ok(problem?.startsWith(found), problem);
      assert.equal([patches.length, items.length], [0, 0]);
    } else {
      assert.equal([problem, patches[0]?.value, items.length], [undefined, found, 1], text);
      assert.is(patches[0]?.hash.length, 22);
    }
  }
});

rendering('a broken template and a set that cannot be applied hold nothing, and say why', () => {
  const mapping = { sourceRef: { name: 'a' }, targetRef: { name: 'b', namespace: 'n' } };
  const set = selectorSet('s', {
    resources: [configMap('a', {}), configMap('b', { l: ['x', '{{ nonsense'] })],
    enableResourceTemplates: true,
  });
  const { problem, items, mappings } = rendered({ ...set, secretMappings: [mapping] });
  assert.match(problem ?? '', /^resources\[1\]\.data\.l\[1\]: template: /);
  assert.equal([items.length, mappings.length], [0, 1]);
  const broken = rendered({ ...set, problem: 'no kind', secretMappings: [mapping] });
  assert.equal([broken.problem, broken.items.length, broken.mappings.length], ['no kind', 0, 0]);
});

rendering.run();
