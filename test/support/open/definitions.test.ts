// Definitions of custom resources, as any cluster has them and as anybody may have made them up.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Definitions } from '../../../scripts/support/open/definitions.ts';

const test = suite('support/open/definitions');

type Json = Record<string, unknown>;
const definition = (more: Json = {}): never =>
  ({
    metadata: { name: 'widgets.ex.io' },
    spec: {
      group: 'ex.io',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        { name: 'v1alpha1', served: false },
        { name: 'v1', served: true },
      ],
      ...more,
    },
  }) as never;

test('the first version that is served, by kind and by name', () => {
  const definitions = new Definitions();
  assert.is(definitions.add(definition()), true);
  const widget = {
    kind: 'Widget',
    apiVersion: 'ex.io/v1',
    plural: 'widgets',
    namespaced: true,
    prefix: 'ex.io/widgets',
  };
  assert.equal(definitions.named('widgets.ex.io'), widget);
  assert.equal(definitions.kindOf('ex.io/v1alpha1', 'Widget'), widget, 'whatever its version');
  assert.is(definitions.kindOf('other.io/v1', 'Widget'), undefined);
  assert.is(definitions.named('x'), undefined);
});

test('of v1beta1 there may be one version alone; that served is not said is served', () => {
  const versionOf = (more: Json): string | undefined => {
    const definitions = new Definitions();
    definitions.add(definition(more));
    return definitions.named('widgets.ex.io')?.apiVersion;
  };
  assert.is(versionOf({ versions: undefined, version: 'v1beta1' }), 'ex.io/v1beta1');
  assert.is(versionOf({ versions: [{ name: 'v2' }], version: 'v1' }), 'ex.io/v2');
});

test('cluster-wide ones; and what defines nothing', () => {
  const definitions = new Definitions();
  definitions.add(definition({ scope: 'Cluster' }));
  assert.is(definitions.named('widgets.ex.io')?.namespaced, false);
  for (const more of [
    { group: undefined },
    { group: 'a/../b' },
    { names: undefined },
    { names: { plural: 7, kind: 'Widget' } },
    { scope: '' },
    { versions: [{ name: 'v1', served: false }] },
    { versions: [], version: 'v1' },
  ])
    assert.is(new Definitions().add(definition(more)), false, JSON.stringify(more));
  assert.is(new Definitions().add({ metadata: { name: 'x' } }), false);
});

test.run();
