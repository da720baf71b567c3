// What of a spec will be run, and that nothing of it is dropped without a word.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planOf } from '../../../scripts/support/plan/plan.ts';
import { mergeSpecs } from '../../../scripts/support/spec/merge.ts';
import { parseSpec } from '../../../scripts/support/spec/parse.ts';

const plan = suite('support/plan');

const skippedOf = (text: string): string[] => {
  const { documents } = parseSpec({ name: 'a.yaml', text });
  const { spec } = mergeSpecs(documents, 'collect');
  return planOf(spec, { namespace: 'default' }).skipped.map(({ title, reason }) => `${title}: ${reason}`);
};

plan('host collectors that are to run in pods are named as not supported', () => {
  assert.equal(
    skippedOf(`apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: b}
spec:
  runHostCollectorsInPod: true
  hostCollectors:
    - cpu: {}
    - memory: {}
`),
    ['cpu: unsupported', 'memory: unsupported'],
  );
  assert.equal(
    skippedOf(`apiVersion: troubleshoot.sh/v1beta2
kind: RemoteCollector
metadata: {name: r}
spec:
  collectors:
    - cpu: {}
`),
    ['cpu: unsupported'],
  );
});

plan('an excluded collector and an unknown kind are named too', () => {
  assert.equal(
    skippedOf(`apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: b}
spec:
  collectors:
    - data: {name: a, data: b, exclude: true}
    - ceph: {}
`),
    ['data/a: excluded', 'ceph: unsupported'],
  );
});

plan.run();
