// What of a spec will be run, and that nothing of it is dropped without a word.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planOf } from '../../../scripts/support/plan/collect-plan.ts';
import { mergeSpecs } from '../../../scripts/support/spec/merge.ts';
import { parseSpec } from '../../../scripts/support/spec/parse.ts';

const plan = suite('support/plan');

const skippedOf = (text: string): string[] => {
  const { documents } = parseSpec({ name: 'a.yaml', text });
  const { spec } = mergeSpecs(documents, 'collect');
  return planOf(spec, { namespace: 'default' }).skipped.map(({ title, reason }) => `${title}: ${reason}`);
};

const planned = (text: string): ReturnType<typeof planOf> => {
  const { documents } = parseSpec({ name: 'a.yaml', text });
  return planOf(mergeSpecs(documents, 'collect').spec, { namespace: 'default' });
};

plan('host collectors that are to run in pods are one collector; those that cannot are named', () => {
  const bundle = planned(`apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: b}
spec:
  runHostCollectorsInPod: true
  hostCollectors:
    - cpu: {}
    - memory: {exclude: true}
    - http: {get: {url: "http://a"}}
    - run: {collectorName: r, command: ls, outputDir: out, input: {a: b}}
`);
  assert.equal(
    bundle.skipped.map(({ title, reason, message }) => `${title}: ${reason}: ${message}`),
    [
      'memory: excluded: the spec excludes it',
      'http: unsupported: "http" cannot be collected in pods',
      'run/r: unsupported: "run" with input and outputDir cannot be collected in pods',
    ],
  );
  assert.equal(
    bundle.items.map(({ step, lane }) => `${step} ${lane}`),
    ['host collectors in pods cluster'],
  );
  const remote = planned(`apiVersion: troubleshoot.sh/v1beta2
kind: RemoteCollector
metadata: {name: r}
spec:
  collectors:
    - cpu: {}
`);
  assert.equal(remote.skipped, []);
  assert.ok(remote.items.some(({ step }) => step === 'host collectors in pods'));
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
