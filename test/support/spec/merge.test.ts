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

merging('what a spec asks for and is not done is named, and nothing where it asks for nothing', () => {
  const said = (keys: string): string[] => {
    const spec = text('SupportBundle', 'collectors').replace('spec: {', `spec: {${keys}`);
    const { documents } = parseSpec({ name: 'a.yaml', text: spec });
    const merged = mergeSpecs(documents, 'collect');
    return [...merged.spec.notFollowed];
  };
  const none = 'a.yaml:1: nothing was uploaded or called back';
  assert.equal(said(''), []);
  assert.equal(said('afterCollection: [], '), []);
  assert.equal(said('afterCollection: [{uploadResultsTo: {uri: "https://x"}}], '), [none]);
  assert.equal(said('uri: "https://x/y", '), ['a.yaml:1: uri https://x/y was not followed']);
  assert.equal(said('uri: "", '), []);
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

merging('host collectors run in pods where a bundle says so; the least limit of all counts', () => {
  const document = (spec: string, kind = 'SupportBundle'): ReturnType<typeof parseSpec>['documents'] =>
    parseSpec({
      name: 'm.yaml',
      text: `apiVersion: troubleshoot.sh/v1beta2\nkind: ${kind}\nmetadata: {name: a}\nspec: {${spec}}\n`,
    }).documents;
  const specOf = (...specs: string[]) =>
    mergeSpecs(
      specs.flatMap((one) => document(one)),
      'collect',
    ).spec;
  const kinds = (items: readonly { kind: string }[]): string[] => items.map(({ kind }) => kind);
  const plain = specOf('hostCollectors: [{cpu: {}}, {cpu: {}}]');
  assert.equal(
    [kinds(plain.hostCollectors), kinds(plain.remoteCollectors), kinds(plain.collectors)],
    [['cpu'], [], []],
  );
  const inPods = specOf('runHostCollectorsInPod: true, hostCollectors: [{cpu: {}}]');
  assert.equal([kinds(inPods.hostCollectors), kinds(inPods.remoteCollectors)], [[], ['cpu']]);
  const remote = mergeSpecs(document('collectors: [{cpu: {}}]', 'RemoteCollector'), 'collect').spec;
  assert.equal([kinds(remote.remoteCollectors), kinds(remote.collectors)], [['cpu'], []]);
  const both = mergeSpecs(
    [...document('collectors: [{cpu: {}}]', 'RemoteCollector'), ...document('hostCollectors: [{cpu: {}}]')],
    'collect',
  ).spec;
  assert.equal(kinds(both.collectors), []);
  const limit = (...limits: string[]): number | undefined =>
    specOf(...limits.map((one) => `concurrencyLimit: ${one}`)).concurrencyLimit;
  assert.equal(
    [limit('3', '2'), limit('1'), limit('0'), limit('0', '4'), specOf('collectors: []').concurrencyLimit],
    [2, 1, undefined, 4, undefined],
  );
});

merging('snapshots of several specs are one: of all their namespaces, or of all', () => {
  const snapshot = (...specs: string[]): unknown => {
    const documents = specs.flatMap(
      (one) =>
        parseSpec({
          name: 'c.yaml',
          text: text('SupportBundle', 'collectors').replace('{clusterInfo: {}}', `{clusterResources: ${one}}`),
        }).documents,
    );
    const { namespaces, ignoreRBAC, exclude } = mergeSpecs(documents, 'collect').spec.collectors[1]?.spec ?? {};
    return { namespaces, ignoreRBAC, exclude };
  };
  assert.equal(snapshot('{namespaces: [a, b]}', '{namespaces: [b, c]}'), {
    namespaces: ['a', 'b', 'c'],
    ignoreRBAC: false,
    exclude: undefined,
  });
  assert.equal(snapshot('{namespaces: [a]}', '{}'), { namespaces: [], ignoreRBAC: false, exclude: undefined });
  assert.equal(snapshot('{namespaces: [a]}', '{namespaces: [a], ignoreRBAC: true}'), {
    namespaces: ['a'],
    ignoreRBAC: true,
    exclude: undefined,
  });
  assert.equal(snapshot('{namespaces: [a], exclude: true}', '{namespaces: [b]}'), {
    namespaces: ['b'],
    ignoreRBAC: false,
    exclude: undefined,
  });
  assert.equal(snapshot('{exclude: true}'), { namespaces: undefined, ignoreRBAC: undefined, exclude: true });
});

merging.run();
