// Documents of YAML and the places of their nodes, also inside of Secrets and ConfigMaps.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type YamlDocument, readDocuments } from '../../../scripts/support/spec/document.ts';

const test = suite('support/spec/document');

const read = (text: string): ReturnType<typeof readDocuments> => readDocuments({ name: 'a.yaml', text });
const at = ({ placeOf }: YamlDocument, ...path: (string | number)[]): string => {
  const { line, column } = placeOf(path);
  return `${line}:${column}`;
};

test('mappings alone are documents; each knows where it starts', () => {
  const { documents, problems } = read('# words\na: 1\n---\n- list\n---\ntext\n---\nnull\n---\n  b: 2\n');
  assert.equal(problems, []);
  assert.equal(
    documents.map(({ value, place }) => [value, place.line, place.column]),
    [
      [{ a: 1 }, 2, 1],
      [{ b: 2 }, 10, 3],
    ],
  );
  assert.equal(read('').documents, []);
});

test('the place of a key, of an item, and of the nearest one above', () => {
  const [one] = read('top:\n  list:\n    - name: x\n      deep: {k: v}\n    - 7\nother: y\n').documents;
  assert.ok(one);
  assert.is(at(one, 'top'), '1:1');
  assert.is(at(one, 'other'), '6:1');
  assert.is(at(one, 'top', 'list'), '2:3');
  assert.is(at(one, 'top', 'list', 0), '3:7');
  assert.is(at(one, 'top', 'list', 0, 'deep'), '4:7');
  assert.is(at(one, 'top', 'list', 0, 'deep', 'k'), '4:14');
  assert.is(at(one, 'top', 'list', 1), '5:7');
  assert.is(at(one, 'top', 'list', 9, 'x'), '2:3');
  assert.is(at(one, 'gone', 'x'), '1:1');
  assert.is(at(one), '1:1');
});

test('a broken document is a problem at its place, and the others are read', () => {
  const { documents, problems } = read('a: 1\n---\nb: [1\n---\nc: 3\n');
  assert.ok(documents.length >= 1);
  assert.equal(documents[0]?.value, { a: 1 });
  assert.match(problems[0]?.message ?? '', /^is no valid YAML: /);
  assert.not.match(problems[0]?.message ?? '', /at line \d/);
  assert.ok((problems[0]?.place.line ?? 0) >= 3);
  // Where it begins, not where it ends.
  const [escape] = read('a: "x\\qy"\nb: 1\n').problems;
  assert.equal([escape?.place.line, escape?.place.column], [1, 6]);
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefgh'.replace(
    /./g,
    (c, i: number) =>
      `${c}: &${c} [${Array(10)
        .fill(`*${'abcdefg'[i] ?? ''}`)
        .join(', ')}]\n`,
  )}`;
  const bad = read(bomb);
  assert.equal(bad.documents, []);
  assert.match(bad.problems[0]?.message ?? '', /^cannot be read: /);
});

const SPEC = 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n';
const indented = SPEC.replace(/^(?=.)/gm, '    ');

test('a spec in a block of a ConfigMap has the places of the file', () => {
  const text = `apiVersion: v1\nkind: ConfigMap\ndata:\n  support-bundle-spec: |\n\n${indented}  other: x\n`;
  const [one] = read(text).documents;
  assert.is(one?.value['kind'], 'SupportBundle');
  assert.equal(one?.place, { file: 'a.yaml', line: 6, column: 5 });
  assert.ok(one);
  assert.is(at(one, 'kind'), '7:5');
});

test('one in any other form is named by its key', () => {
  const names = (text: string): string[] =>
    read(text).documents.map(({ place }) => `${place.file}:${place.line}:${place.column}`);
  const encoded = Buffer.from(SPEC).toString('base64');
  assert.equal(names(`apiVersion: v1\nkind: Secret\ndata:\n  preflight.yaml: ${encoded}\n`), [
    'a.yaml#data.preflight.yaml:1:1',
  ]);
  assert.equal(names(`apiVersion: v1\nkind: Secret\nstringData:\n  preflight-spec: |\n${indented}`), ['a.yaml:5:5']);
  assert.equal(names(`apiVersion: v1\nkind: Secret\ndata:\n  redactor-spec: |\n    ${encoded}\n`), [
    'a.yaml#data.redactor-spec:1:1',
  ]);
  assert.equal(names(`apiVersion: v1\nkind: ConfigMap\ndata:\n  preflight-spec: ${JSON.stringify(SPEC)}\n`), [
    'a.yaml#data.preflight-spec:1:1',
  ]);
});

test('other keys, other kinds, and values that are no texts hold no specs', () => {
  const count = (text: string): number => read(text).documents.length;
  assert.is(count(`apiVersion: v1\nkind: ConfigMap\ndata:\n  other: ${JSON.stringify(SPEC)}\n`), 0);
  assert.is(count('apiVersion: v1\nkind: ConfigMap\ndata: {preflight-spec: 7}\n'), 0);
  assert.is(count('apiVersion: v1\nkind: ConfigMap\ndata: null\n'), 0);
  assert.is(count('apiVersion: v1\nkind: ConfigMap\ndata: text\n'), 0);
  assert.is(
    count(`apiVersion: v1\nkind: Pod\ndata:\n  preflight-spec: ${JSON.stringify(SPEC)}\n`),
    1,
    'the Pod itself',
  );
  assert.is(count(`apiVersion: v2\nkind: Secret\ndata: {}\n`), 1);
});

test.run();
