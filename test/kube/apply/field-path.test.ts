// Fields are taken out of an object by the paths that the API server names them with.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutField } from '../../../scripts/kube/apply/field-path.ts';

const path = suite('kube: paths of fields');

const object = {
  metadata: {
    annotations: { 'example.com/team': 'a', example: { 'com/team': 'b' }, 'a[b]': 'c' },
    finalizers: ['x', 'y'],
  },
  spec: {
    replicas: 1,
    containers: [
      { name: 'web', image: 'a', env: [{ name: 'X', value: '1' }] },
      { name: 'side', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] },
    ],
  },
};

const cases: Record<string, (copy: typeof object) => unknown> = {
  '.spec.replicas': (copy) => Reflect.deleteProperty(copy.spec, 'replicas'),
  '.metadata.annotations.example.com/team': (copy) =>
    Reflect.deleteProperty(copy.metadata.annotations, 'example.com/team'),
  '.metadata.annotations.a[b]': (copy) => Reflect.deleteProperty(copy.metadata.annotations, 'a[b]'),
  '.spec.containers[name="web"].image': (copy) => Reflect.deleteProperty(copy.spec.containers[0] ?? {}, 'image'),
  '.spec.containers[name="web"].env[name="X"].value': (copy) =>
    Reflect.deleteProperty(copy.spec.containers[0]?.env?.[0] ?? {}, 'value'),
  '.spec.containers[name="side"].ports[containerPort=80,protocol="UDP"]': (copy) =>
    copy.spec.containers[1]?.ports?.splice(1),
  '.spec.containers[name="side"].ports[containerPort=80,protocol="TCP"]': (copy) =>
    copy.spec.containers[1]?.ports?.splice(0, 1),
  '.metadata.finalizers[="y"]': (copy) => copy.metadata.finalizers.pop(),
  '.metadata.finalizers[0]': (copy) => copy.metadata.finalizers.shift(),
};

for (const [field, change] of Object.entries(cases)) {
  path(field, () => {
    const before = structuredClone(object);
    const expected = structuredClone(object);
    change(expected);
    // The first item that fits is meant where an item leaves out what is a default.
    assert.equal(withoutField(object, field), expected);
    assert.equal(object, before, 'the object itself stays as it is');
  });
}

path('what is not there is not found', () => {
  for (const field of [
    '.spec.gone',
    '.spec.replicas.deeper',
    '.spec.containers[name="none"].image',
    'spec',
    '',
    '[0]',
    '.spec.containers[name="web"',
  ])
    assert.is(withoutField(object, field), undefined, field);
});

path.run();
