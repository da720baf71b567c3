// Specs as people write them: right ones without a word, wrong ones with the place and the nearest name.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeSpecs } from '../../../scripts/support/spec/merge.ts';
import { parseSpec } from '../../../scripts/support/spec/parse.ts';

const spec = suite('specs');

const shown = (text: string): string[] =>
  parseSpec({ name: 'a.yaml', text }).problems.map(
    ({ place, message, severity }) => `${severity} ${place.file}:${place.line}:${place.column} ${message}`,
  );

const bundle = (body: string): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nmetadata: {name: b}\nspec:\n${body}`;

spec('a spec of every list is read in order, and each item knows its place', () => {
  const text = bundle(`  collectors:
    - clusterInfo: {}
    - logs:
        name: app/logs
        selector: [app=web]
        limits: {maxLines: 20, maxAge: 720h}
  hostCollectors:
    - tcpPortStatus: {collectorName: api, port: 6443}
  analyzers:
    - nodeResources:
        checkName: nodes
        outcomes:
          - fail: {when: "count() < 3", message: "{{ .NodeCount }} nodes"}
          - pass: {message: fine}
`);
  const { documents, problems } = parseSpec({ name: 'a.yaml', text });
  assert.equal(problems, []);
  const [one] = documents;
  assert.equal(
    one?.lists.cluster.map(({ kind, place }) => [kind, place.line, place.column]),
    [
      ['clusterInfo', 6, 7],
      ['logs', 7, 7],
    ],
  );
  assert.equal(one?.lists.cluster[1]?.placeOf(['limits', 'maxAge']), { file: 'a.yaml', line: 10, column: 32 });
  assert.ok(one?.lists.host[0]?.host);
  assert.equal([one.lists.cluster[0]?.host, one.lists.clusterChecks[0]?.host], [false, false]);
  assert.is(one.lists.clusterChecks[0]?.spec['checkName'], 'nodes');
});

spec('a kind that nobody knows is kept with its mapping, of what is none it is dropped', () => {
  const kinds = (entry: string): string[] =>
    parseSpec({
      name: 'a.yaml',
      text: bundle(`  collectors: [${entry}]\n  hostCollectors: [${entry}]\n`),
    }).documents.flatMap(({ lists }) => [...lists.cluster, ...lists.host].map(({ kind, host }) => `${kind} ${host}`));
  assert.equal(kinds('{strange: {a: 1}}'), ['strange false', 'strange true']);
  for (const value of ['', 'null', '[a]', 'text', '7']) assert.equal(kinds(`{strange: ${value}}`), [], value);
});

spec('a text that troubleshoot reads as a boolean is named, unless it is quoted', () => {
  const check = (message: string): string =>
    bundle(`  analyzers:\n    - clusterVersion: {outcomes: [{fail: {when: "< 1.0.0", message: ${message}}}]}\n`);
  assert.equal(shown(check('no')), [
    'warning a.yaml:6:60 "message" is a boolean to troubleshoot, which then refuses the spec: quote it',
  ]);
  for (const message of ['"no"', "'yes'", 'none', '"on"']) assert.equal(shown(check(message)), [], message);
});

spec('kinds and keys that nobody knows are named, with the nearest one and what to do', () => {
  const found = shown(
    bundle(`  collectors:
    - postgresql: {uri: x}
    - logs: {selectors: [a=b]}
      collectorName: web
    - http: {get: {url: x, header: {}}}
  redactors: []
  analyser: []
`),
  );
  assert.equal(found, [
    'warning a.yaml:6:7 unknown collector "postgresql"; did you mean "postgres"?',
    'warning a.yaml:7:14 unknown key "selectors"; did you mean "selector"?',
    'warning a.yaml:8:7 unknown collector "collectorName"; it belongs below "logs"',
    'warning a.yaml:9:28 unknown key "header"; did you mean "headers"?',
    'warning a.yaml:10:3 a SupportBundle takes no "redactors": they stand in a document of kind Redactor',
    'warning a.yaml:11:3 unknown key "analyser"; did you mean "analyzers"?',
  ]);
});

spec('kinds of the machine among those of the cluster, and the other way round, are said to be so', () => {
  const found = shown(
    bundle(`  collectors:
    - blockDevices: {}
  hostCollectors:
    - clusterResources: {}
  analyzers:
    - systemPackages: {outcomes: []}
  hostAnalyzers:
    - nodeResources: {outcomes: []}
`),
  );
  assert.equal(found, [
    'warning a.yaml:6:7 unknown collector "blockDevices"; it is a host collector',
    'warning a.yaml:8:7 unknown host collector "clusterResources"; it is a collector of the cluster',
    'warning a.yaml:10:7 unknown analyzer "systemPackages"; it is a host analyzer',
    'warning a.yaml:12:7 unknown host analyzer "nodeResources"; it is an analyzer of the cluster',
  ]);
});

spec('values of a wrong type and broken YAML are errors', () => {
  assert.equal(shown(bundle('  collectors:\n    - logs: {selector: app=web}\n    - exec: {command: ls}\n')), [
    'error a.yaml:6:14 "selector" must be a list',
    'error a.yaml:7:14 "command" must be a list',
  ]);
  assert.match(shown('a: [1, 2\nb: c\n')[0] ?? '', /^error a\.yaml:\d+:\d+ is no valid YAML/);
});

spec('specs inside Secrets and ConfigMaps are found, with places of the file itself', () => {
  const inner = bundle('  collectors:\n    - log: {}\n');
  const indented = inner.replace(/^/gm, '    ');
  const encoded = Buffer.from(inner).toString('base64');
  const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: x}
data:
  other: nothing
  support-bundle-spec: |
${indented}
---
apiVersion: v1
kind: Secret
metadata: {name: y}
data:
  support-bundle-spec: ${encoded}
---
apiVersion: apps/v1
kind: Deployment
`;
  const { documents, problems } = parseSpec({ name: 'a.yaml', text });
  assert.is(documents.length, 2);
  assert.equal(
    problems.map(({ place }) => `${place.file}:${place.line}:${place.column}`),
    ['a.yaml:12:11', 'a.yaml#data.support-bundle-spec:6:7'],
  );
});

spec('several specs are merged in order, the same item once, clusterResources to one', () => {
  const one = bundle(`  collectors:
    - clusterResources: {namespaces: [a]}
    - logs: {selector: [x=y]}
`);
  const other = bundle(`  concurrencyLimit: 4
  collectors:
    - logs: {selector: [x=y]}
    - clusterResources: {namespaces: [b, a]}
    - data: {name: d, data: e}
`);
  const documents = [one, other].flatMap((text) => parseSpec({ name: 'a.yaml', text }).documents);
  const { spec: merged } = mergeSpecs(documents, 'collect');
  assert.equal(
    merged.collectors.map(({ kind }) => kind),
    ['clusterInfo', 'clusterResources', 'logs', 'data'],
  );
  assert.equal(merged.collectors[1]?.spec['namespaces'], ['a', 'b']);
  assert.is(merged.concurrencyLimit, 4);
});

spec('a spec of the host alone asks nothing of the cluster', () => {
  const { documents } = parseSpec({ name: 'a.yaml', text: bundle('  hostCollectors:\n    - cpu: {}\n') });
  const { spec: merged } = mergeSpecs(documents, 'collect');
  assert.equal(merged.collectors, []);
  assert.is(merged.hostCollectors.length, 1);
});

spec('what would phone home is not followed, and said', () => {
  const text = bundle(
    '  uri: https://example.com/spec\n  afterCollection:\n    - uploadResultsTo: {uri: https://example.com}\n',
  );
  const { spec: merged } = mergeSpecs(parseSpec({ name: 'a.yaml', text }).documents, 'collect');
  assert.equal(merged.notFollowed, [
    'a.yaml:1: uri https://example.com/spec was not followed',
    'a.yaml:1: nothing was uploaded or called back',
  ]);
});

spec('keys that mean something to JavaScript are keys like any other', () => {
  for (const key of ['__proto__', 'constructor', 'toString']) {
    const [problem] = shown(bundle(`  ${key}: {collectors: []}\n  collectors: []\n`));
    assert.match(problem ?? '', `warning a.yaml:5:3 unknown key "${key}"`);
  }
});

spec('an alias for what contains it is an error with its place', () => {
  const text =
    'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nspec: &s {collectors: [{data: *s}], analyzers: *s}\n';
  assert.equal(shown(text), ['error a.yaml:1:1 cannot be read: an alias stands for what contains it']);
  const twice = 'a: &a {b: 1}\n';
  assert.equal(
    shown(`${bundle('  collectors: [{data: &d {name: x}}, {data: *d}]\n')}---\n${twice}`).filter((one) =>
      one.startsWith('error'),
    ),
    [],
  );
});

spec('kinds that are none, of whatever type, and versions that are near', () => {
  const kinds = ['7', 'toString', 'SuportBundle', '[a]'].map((kind) =>
    shown(`apiVersion: troubleshoot.sh/v1beta2\nkind: ${kind}\nspec: {}\n`),
  );
  assert.equal(
    kinds.map(([first]) => first),
    [
      'warning a.yaml:2:1 kind "7" is not known',
      'warning a.yaml:2:1 kind "toString" is not known',
      'warning a.yaml:2:1 kind "SuportBundle" is not known; did you mean "SupportBundle"?',
      'warning a.yaml:2:1 kind "a" is not known',
    ],
  );
  assert.match(
    shown('apiVersion: troubleshoot.sh/v1beta9\nkind: SupportBundle\nspec: {}\n')[0] ?? '',
    'apiVersion "troubleshoot.sh/v1beta9" is not known',
  );
  assert.equal(shown('apiVersion: v1\nkind: 7\n'), []);
});

spec.run();
