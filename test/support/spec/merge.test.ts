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

merging('a RemoteCollector says which nodes its collectors are for; others are for all', () => {
  const remote = (name: string, selector: string): string =>
    `apiVersion: troubleshoot.sh/v1beta2\nkind: RemoteCollector\nmetadata: {name: ${name}}\nspec: {${selector}collectors: [{cpu: {}}]}\n`;
  const documents = [remote('r', 'nodeSelector: {a: b, n: 1}, '), remote('s', ''), remote('t', 'nodeSelector: {}, ')]
    .map((text) => parseSpec({ name: 'r.yaml', text }))
    .flatMap((one) => one.documents);
  const { spec } = mergeSpecs(documents, 'collect');
  assert.equal(spec.notFollowed, []);
  assert.equal(
    spec.remoteCollectors.map(({ nodeSelector }) => nodeSelector),
    [{ a: 'b', n: '1' }, undefined],
  );
});

merging('a spec of the machine alone collects nothing of a cluster', () => {
  const collectorsOf = (...kinds: string[]): string[] => {
    const documents = kinds.flatMap(
      (kind) =>
        parseSpec({ name: 'h.yaml', text: text(kind, 'analyzers').replace('{clusterInfo: {}}', '{cpu: {}}') })
          .documents,
    );
    return mergeSpecs(documents, 'preflight').spec.collectors.map(({ kind }) => kind);
  };
  assert.equal(collectorsOf('HostPreflight'), []);
  assert.equal(collectorsOf('Preflight'), ['clusterInfo', 'clusterResources']);
  assert.equal(collectorsOf('HostPreflight', 'Preflight'), ['clusterInfo', 'clusterResources']);
});

merging.run();
