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

const SPEC = 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: b}\nspec:\n';

plan('lanes: the snapshot, then the others, then what fetches what they made; and the needs of a spec', () => {
  const { items, problems } = planned(`${SPEC}  hostCollectors: [{cpu: {}}]
  collectors:
    - data: {name: a, data: x}
    - data: {name: b, data: x, needs: [a, none, b]}
    - data: {collectorName: c, data: x, needs: [b, a]}
    - clusterInfo: {}
    - clusterResources: {}
`);
  const needs = new Map(items.map((one) => [one.step, [one.lane, ...one.needs]]));
  const first = ['cluster-info', 'cluster-resources'];
  assert.equal(needs.get('host/cpu'), ['host']);
  for (const step of first) assert.equal(needs.get(step), ['first'], step);
  assert.equal(needs.get('data/a'), ['cluster', ...first]);
  assert.equal(needs.get('data/b'), ['cluster', ...first, 'data/a']);
  assert.equal(needs.get('data/c'), ['cluster', ...first, 'data/b', 'data/a']);
  assert.equal(
    problems.map(({ message, severity, place }) => [message, severity, place.line]),
    [
      ['needs "none", but no other collector has that name', 'error', 8],
      ['needs "b", but no other collector has that name', 'error', 8],
    ],
  );
});

plan('items that write to one path get numbers, and so do steps of one name', () => {
  const { items, problems } = planned(
    `${SPEC}  collectors: [{data: {name: a, data: x}}, {data: {name: a, data: y}}, {data: {name: a, data: z}}]\n`,
  );
  const data = items.filter(({ lane }) => lane === 'cluster');
  assert.equal(
    data.map(({ step, suffix }) => [step, suffix]),
    [
      ['data/a', ''],
      ['data/a (2)', '-2'],
      ['data/a (3)', '-3'],
    ],
  );
  assert.equal(
    problems.map(({ message }) => message),
    ['-2', '-3'].map(
      (own) => `writes to a as the item at a.yaml:5:${data[0]?.item.place.column} does: this one gets "${own}"`,
    ),
  );
});

plan("how long an item may take: the spec's own time, then the user's, then that of its kind", () => {
  const { documents } = parseSpec({
    name: 'a.yaml',
    text: `${SPEC}  collectors: [{data: {name: a, data: x, timeout: 7s}}, {data: {name: b, data: x, timeout: 0s}}, {clusterResources: {}}]\n`,
  });
  const { spec } = mergeSpecs(documents, 'collect');
  const times = (timeoutMs?: number): number[] =>
    planOf(spec, { namespace: '', timeoutMs }).items.map((one) => one.timeoutMs);
  assert.equal(times(1_234).sort(), [1_234, 1_234, 1_234, 7_000]);
  const others = times().filter((ms) => ms !== 7_000);
  assert.is(others.length, 3);
  assert.ok(
    others.every((ms) => ms >= 10_000),
    others.join(),
  );
});

plan.run();
