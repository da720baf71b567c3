// Objects of kinds that the cluster's own definitions make: in which version, in which files, and what a server may not say.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collectCustomResources } from '../../../../scripts/support/collectors/cluster/custom-resources.ts';
import type { Snapshot } from '../../../../scripts/support/collectors/cluster/snapshot.ts';
import { clusterDouble } from '../cluster-double.ts';

const custom = suite('support/collectors/cluster/custom-resources');

const CRDS = 'GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const definition = (versions: [name: string, served?: boolean][], spec: object = {}, name = 'things.example.org') => ({
  metadata: { name },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'things' },
    versions: versions.map(([version, served = true]) => ({ name: version, served })),
    ...spec,
  },
});

async function ran(definitions: readonly unknown[], answers: Parameters<typeof clusterDouble>[0] = {}) {
  const { cluster, asked } = clusterDouble({ [CRDS]: { metadata: {}, items: definitions }, ...answers });
  const files: Record<string, unknown> = {};
  const links: Record<string, string> = {};
  const problems: string[] = [];
  await collectCustomResources({
    running: {
      signal: new AbortController().signal,
      problem: (text: string) => problems.push(text),
      sink: { link: (path: string, target: string) => void (links[path] = target) },
    },
    reach: cluster,
    namespaces: ['one', 'two'],
    whole: true,
    limit: <T>(work: () => Promise<T>) => work(),
    write: (path: string, value: unknown) => Promise.resolve(void (files[path] = value)),
  } as unknown as Snapshot);
  return { files, links, problems, asked: asked.slice(1).map(({ what }) => what.replace(/\?.*/, '')) };
}

custom('the version that Kubernetes prefers is asked for, of those that are served', async () => {
  const cases: [versions: [string, boolean?][], asked: string | undefined][] = [
    [[['v1'], ['v2']], 'v2'],
    [[['v2'], ['v1']], 'v2'],
    [[['v9'], ['v10']], 'v10'],
    [[['v1'], ['v2beta1']], 'v1'],
    [[['v2beta1'], ['v1beta2'], ['v1beta10']], 'v2beta1'],
    [[['v1beta2'], ['v1beta10']], 'v1beta10'],
    [[['v2alpha1'], ['v1beta1']], 'v1beta1'],
    [[['v1alpha1'], ['v2alpha1']], 'v2alpha1'],
    [[['foo'], ['v1alpha1']], 'v1alpha1'],
    [[['foo'], ['bar']], 'bar'],
    [[['bar'], ['foo']], 'bar'],
    [[['v2', false], ['v1']], 'v1'],
    [[['v1', false]], undefined],
    [[], undefined],
  ];
  for (const [versions, version] of cases) {
    const { asked, problems } = await ran([definition(versions)], {
      'GET /apis/example.org/.*': { metadata: {}, items: [] },
    });
    assert.equal(
      asked,
      version === undefined ? [] : [`GET /apis/example.org/${version}/things`],
      JSON.stringify(versions),
    );
    assert.equal(problems, []);
  }
});

custom(
  'objects go to a file of their namespace, those of the cluster to one file; older names lead there',
  async () => {
    const object = (name: string, namespace?: string) => ({ metadata: { name, namespace } });
    const items = [object('a', 'one'), object('b', 'three')];
    const answers = {
      'GET /apis/example.org/v1/things': { metadata: {}, items },
      'GET /apis/example.org/v1/wholes': { metadata: {}, items: [object('w')] },
    };
    const whole = definition([['v1']], { scope: 'Cluster', names: { plural: 'wholes' } }, 'wholes.example.org');
    const { files, links } = await ran([definition([['v1']]), whole], answers);
    assert.equal(Object.keys(files).sort(), [
      'custom-resource-definitions.json',
      'custom-resources/things.example.org/one.json',
      'custom-resources/wholes.example.org.json',
    ]);
    assert.equal(files['custom-resources/things.example.org/one.json'], [items[0]]);
    assert.is(
      links['cluster-resources/custom-resources/things.example.org/one.yaml'],
      'cluster-resources/custom-resources/things.example.org/one.json',
    );
    const none = await ran([definition([['v1']])], { 'GET .*things': { metadata: {}, items: [] } });
    assert.equal(Object.keys(none.files), ['custom-resource-definitions.json']);
  },
);

custom('a kind that cannot be listed costs itself alone, and the definitions all of them', async () => {
  const { files, problems } = await ran([definition([['v1']])]);
  assert.equal(files['custom-resources/custom-resources-errors.json'], {
    'things.example.org': '/apis/example.org/v1/things was not found',
  });
  assert.equal(problems, ['things.example.org: /apis/example.org/v1/things was not found']);
  const lost = await ran([], {
    [CRDS]: () => {
      throw new Error('not allowed');
    },
  });
  assert.is(lost.problems.length, 1);
});

custom('what is no definition is passed over: its names would become paths', async () => {
  const odd: object[] = [
    { metadata: { name: 'x' } },
    { metadata: { name: 'x' }, spec: null },
    definition([['v1']], { group: '../x' }),
    definition([['v1']], { group: 7 }),
    definition([['v1']], { names: null }),
    definition([['v1']], { names: { plural: 'a/b' } }),
    definition([['v1']], { names: { plural: '-a' } }),
    definition([['v1']], { versions: 'v1' }),
    definition([['v1']], { versions: [null] }),
    definition([['v1'], ['a/b']]),
  ];
  for (const one of odd) {
    const { asked, problems } = await ran([one]);
    assert.equal(asked, [], JSON.stringify(one));
    assert.equal(problems, ['1 custom resource definitions are none, and are passed over']);
  }
});

custom.run();
