// Documents of several specs as one: what a command leaves to another one is named with it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSpecs } from '../../../scripts/support/spec/merge.ts';
import { parseSpec } from '../../../scripts/support/spec/parse.ts';

const merging = suite('support: merged specs');

const text = (kind: string, list: string): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: ${kind}\nmetadata: {name: a}\nspec: {${list}: [{clusterInfo: {}}]}\n`;

merging('each command says which one takes the documents that it leaves out', () => {
  const documents = [
    { name: 'a.yaml', text: text('Preflight', 'collectors') },
    { name: 'b.yaml', text: text('SupportBundle', 'collectors') },
  ].flatMap((one) => parseSpec(one).documents);
  const told = (purpose: 'collect' | 'preflight'): string[] =>
    mergeSpecs(documents, purpose).problems.map(({ place, message }) => `${place.file}: ${message}`);
  assert.equal(told('collect'), ['a.yaml: collect leaves a Preflight out; `hoist preflight` takes it']);
  assert.equal(told('preflight'), ['b.yaml: preflight leaves a SupportBundle out; `hoist collect` takes it']);
});

merging("a RemoteCollector's nodes are not chosen, and that is said", () => {
  const text =
    'apiVersion: troubleshoot.sh/v1beta2\nkind: RemoteCollector\nmetadata: {name: r}\nspec: {nodeSelector: {a: b}, collectors: [{cpu: {}}]}\n';
  const { spec } = mergeSpecs(parseSpec({ name: 'r.yaml', text }).documents, 'collect');
  assert.equal(spec.notFollowed, ['r.yaml:1: nodeSelector was not followed: host collectors run on all nodes']);
});

merging.run();
