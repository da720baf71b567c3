// Each finding names the line and column of what is wrong, also within Templates, lists, second documents and JSON.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lintSets } from '../../../scripts/fleet/sets/lint.ts';
import { Places } from '../../../scripts/fleet/sources/places.ts';
import { readObjects } from '../../../scripts/fleet/sources/files.ts';

const test = suite<{ folder: string }>('fleet/sources/places');
test.before((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-places-'))));
test.after(({ folder }) => rmSync(folder, { recursive: true }));

/** `line:column rule` of each finding, and `line:column message` of each problem. */
async function found(folder: string, name: string, text: string): Promise<string[]> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const { objects, problems } = await readObjects([file], {});
  return [
    ...lintSets(objects).map(({ where, rule }) => `${where.slice(file.length + 1)} ${rule}`),
    ...problems.map(({ where, message }) => `${where.slice(file.length + 1)} ${message}`),
  ];
}

const SET = `apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: a, namespace: b}
spec:
  matchLabels: {a: b}
  clusterDeploymentSelector:
  resources:
    - apiVersion: v1
      kind: configmap
      metadata: {name: a}
    - apiVersion: v1
      kind: ConfigMap
      metadata: {name: b}
      spec: {}
      data: {"a.b/c": "{{ fromCDLabel }}"}
  patches:
    - apiVersion: v1
      kind: ConfigMap
      name: b
      patch: '{'
      patchType: merge
`;

const FINDINGS = [
  '3:21 namespaced-selector-set',
  '5:3 unknown-field',
  '6:3 empty-selector',
  '9:7 kind',
  '11:7 template-not-enabled',
  '14:7 misplaced-field',
  '20:7 patch-json',
];

test('a set that is a document', async ({ folder }) => {
  assert.equal((await found(folder, 'one.yaml', SET)).sort(), [...FINDINGS].sort());
  const behind = (await found(folder, 'two.yaml', `a: b\n---\n${SET}`)).filter((one) => !one.startsWith('1:'));
  assert.equal(behind.length, FINDINGS.length);
  assert.ok(behind.includes('22:7 patch-json'), behind.join('\n'));
});

test('a set of a Template, whose keys may hold dots; and parameters of the Template', async ({ folder }) => {
  const set = SET.replace('  resources:', '  enableResourceTemplates: true\n  resources:');
  const indented = set.replaceAll(/^(.)/gm, '  $1').replace('  api', '- api');
  const template = `apiVersion: v1\nkind: Template\nparameters:\n- name: A\n- {name: B, required: true}\nobjects:\n${indented}  extra: \${{NONE}}\n`;
  const lines = await found(folder, 'template.yaml', template);
  assert.ok(lines.includes('22:16 template'), lines.join('\n'));
  assert.ok(lines.includes('5:3 parameter B needs a value'), lines.join('\n'));
  assert.ok(
    lines.some((line) => line.startsWith('29:3 ${NONE} is no parameter')),
    lines.join('\n'),
  );
});

test('JSON, and items of a list', async ({ folder }) => {
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', patch: '{', patchType: 'merge' };
  const spec = { clusterDeploymentSelector: { matchLabels: { a: 'b' } }, patches: [patch] };
  const item = { apiVersion: 'hive.openshift.io/v1', kind: 'SelectorSyncSet', metadata: { name: 'a' }, spec };
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'Other' }, item] }, undefined, 1);
  const lines = text.split('\n');
  const line = lines.findIndex((one) => one.includes('"patch":'));
  const place = `${line + 1}:${(lines[line]?.indexOf('"patch"') ?? 0) + 1}`;
  assert.equal(
    (await found(folder, 'list.json', text)).filter((one) => !one.includes('invalid')),
    [`${place} patch-json`],
  );
});

test('keys that hold dots, items that do not exist, and other documents', () => {
  const text = 'a:\n  b: {c: 1}\n  b.c: 2\n  b.c.d: [3, {e: 4}]\n  none:\n---\nx: &y 1\nz: *y\n';
  const cases: [document: string, path: string, place: string][] = [
    ['f:1:1', 'a.b.c', 'f:3:3'],
    ['f:1:1', '.a.b.c.d[1].e', 'f:4:15'],
    ['f:1:1', 'a.b.c.d[0]', 'f:4:11'],
    ['f:1:1', 'a.b.c.d[7]', 'f:4:10'],
    ['f:1:1', 'a.b.x', 'f:2:6'],
    ['f:1:1', 'a.none.x', 'f:5:8'],
    ['f:1:1', 'q', 'f:1:1'],
    ['f:1:1', '', 'f:1:1'],
    ['f:7:1', 'z.more', 'f:8:4'],
    ['f:9:9', 'a', 'f:1:1'],
  ];
  for (const [document, path, place] of cases) assert.is(new Places(text, 'f').of(document, path), place, path);
  assert.is(new Places('', 'f').of('f:1:1', 'a'), 'f:1:1');
});

test.run();
