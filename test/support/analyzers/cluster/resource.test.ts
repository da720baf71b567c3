// Checks of one value of one object: where its kind stands in a bundle, and how the value is compared.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../ask.ts';

const resource = suite('support/analyzers/cluster/resource');

type Json = Record<string, unknown>;
const list = (name: string, more: Json = {}): Json => ({
  items: [{ metadata: { name: 'other' } }, { metadata: { name }, ...more }],
});

async function says(spec: Json, files: Json): Promise<string> {
  const outcomes = [{ fail: { message: 'no' } }, { pass: { when: 'true', message: 'yes' } }];
  const results = await run('clusterResource', { outcomes, ...spec }, { files });
  return results.map(({ outcome, message }) => `${outcome} ${message}`).join();
}

resource('objects of a namespace, by default of "default", and those of the cluster', async () => {
  const files = {
    'cluster-resources/deployments/default.json': list('web', { spec: { replicas: 2 } }),
    'cluster-resources/deployments/prod.json': list('web', { spec: { replicas: 3 } }),
    'cluster-resources/nodes.json': list('n1', { spec: { podCIDR: '10.0.0.0/24' } }),
  };
  const web = { kind: 'Deployment', name: 'web', yamlPath: 'spec.replicas' };
  assert.is(await says({ ...web, expectedValue: '2' }, files), 'pass yes');
  assert.is(await says({ ...web, expectedValue: '3' }, files), 'fail no');
  assert.is(await says({ ...web, namespace: 'prod', expectedValue: '3' }, files), 'pass yes');
  assert.is(
    await says({ kind: 'node', name: 'n1', yamlPath: 'spec.podCIDR', expectedValue: '10.0.0.0/24' }, files),
    'pass yes',
  );
  assert.is(await says({ ...web, name: 'gone' }, files), 'fail Deployment gone in namespace default does not exist');
  assert.is(await says({ kind: 'Node', name: 'n2', yamlPath: 'a' }, files), 'fail Node n2 does not exist');
  assert.is(await says({ ...web, yamlPath: 'spec.paused' }, files), 'fail Deployment web has no spec.paused');
  assert.match(await says({ kind: 'Gateway', name: 'g' }, files), 'objects of kind "Gateway" cannot be looked at');
});

resource('a value is compared as a number or quantity; what is neither is refused', async () => {
  const files = { 'cluster-resources/pvcs/default.json': list('data', { size: '10Gi', n: 3, on: true, word: 'abc' }) };
  const of = async (yamlPath: string, when: string): Promise<string> => {
    const outcomes = [{ warn: { when, message: 'holds' } }, { pass: { message: 'else' } }];
    return says({ kind: 'PVC', name: 'data', yamlPath, outcomes }, files);
  };
  assert.is(await of('size', '< 11Gi'), 'warn holds');
  assert.is(await of('size', '>= 10Gi'), 'warn holds');
  assert.is(await of('size', '> 10Gi'), 'pass else');
  assert.is(await of('n', '!= 3'), 'pass else');
  assert.is(await of('n', '= 3'), 'warn holds');
  assert.match(await of('word', '> 1'), '"abc" is no number and no quantity, which "> 1" compares');
  assert.match(await of('on', '= 1'), 'true is no number and no quantity');
});

resource('regular expressions see the value as YAML', async () => {
  const files = { 'cluster-resources/configmaps/default.json': list('c', { data: { a: 'x', n: '7' } }) };
  const base = { kind: 'configmap', name: 'c', yamlPath: 'data' };
  const outcomes = [{ fail: { when: 'true', message: 'bad' } }, { pass: { when: 'false', message: 'good' } }];
  assert.is(await says({ ...base, regex: '^a: x', outcomes }, files), 'fail bad');
  assert.is(await says({ ...base, regex: '^b: x', outcomes }, files), 'pass good');
  const groups = [{ fail: { when: 'N > 6', message: 'n {{ .N }}' } }, { pass: { message: 'few' } }];
  assert.is(await says({ ...base, regexGroups: 'n: "(?P<N>\\d+)"', outcomes: groups }, files), 'fail n 7');
  assert.is(await says({ ...base, regexGroups: 'm: "(?P<N>\\d+)"', outcomes: groups }, files), 'pass few');
});

resource.run();
