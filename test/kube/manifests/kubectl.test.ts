// The reader against kubectl's own: generated scalars as values and as keys, and files as people write them.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Plain, resolvePlain } from '../../../scripts/kube/manifests/go-yaml.ts';
import { readText } from '../../../scripts/kube/manifests/manifests.ts';
import { asServer, hasKubectl, kubectlReads } from './kubectl-judge.ts';

const kubectl = suite('kube: manifests as kubectl reads them');
const test = hasKubectl ? kubectl : kubectl.skip;

const head = 'apiVersion: v1\nkind: Some\nmetadata: {name: some}\n';

/** What both make of a text, as the server would hold it. */
async function both(text: string, name = 'some.yaml'): Promise<{ ours: unknown; theirs: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'hoist-test-'));
  try {
    const file = join(folder, name);
    await writeFile(file, text);
    const { parts, problems } = await readText(text, name);
    const ours = problems.length > 0 ? undefined : parts.map(({ value }) => asServer(value));

    return { ours, theirs: kubectlReads(file)?.map(asServer) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Texts that look like a number, a word or a time; what YAML itself would take apart is left out. */
function generated(count: number, seed: number): string[] {
  const number = fc.stringMatching(/^[-+]?(0[xXoObB]?)?[0-9a-fA-F_.]{0,20}([eE][-+]?[0-9_]{0,4})?$/);
  const commit = fc.stringMatching(/^[0-9]{0,4}e[0-9]{1,7}$/);
  const large = fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }).map(String);
  const word = fc
    .constantFrom('y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', '~', '.', '._', '-.', 'e2', '12e4567')
    .chain((text) =>
      fc.constantFrom(text, text.toUpperCase(), `${text[0]?.toUpperCase()}${text.slice(1)}`, `${text}_`),
    );
  const time = fc.stringMatching(/^[0-9]{1,4}[-:][0-9]{2}([-:][0-9]{2}(\.[0-9])?)?$/);
  const texts = fc.sample(fc.oneof(number, commit, large, word, time), { numRuns: count, seed });
  return [...new Set(texts)].filter((text) => text !== '' && !/^[-+.]+$|^---|:$/.test(text) && !isUnwritable(text));
}

function isHuge(value: Plain): boolean {
  return typeof value === 'bigint' && (value >= 2n ** 63n || value < -(2n ** 63n));
}

/** Infinities and nothings are refused by both, which ends the whole file. */
function isUnwritable(text: string): boolean {
  return /^[-+]?\.(inf|nan)$/i.test(text);
}

test('values', async () => {
  const texts = generated(8000, 1);
  const { ours, theirs } = await both(`${head}data:\n${texts.map((text) => `- ${text}\n`).join('')}`);
  const [mine, his] = [ours, theirs].map((read) => (read as { data: unknown[] }[])[0]?.data ?? []);
  const differences = texts.flatMap((text, at) =>
    Object.is(mine?.[at], his?.[at]) ? [] : [`${text}: ${String(mine?.[at])}, kubectl ${String(his?.[at])}`],
  );
  assert.ok(texts.length > 3000);
  assert.equal(differences, []);
});

test('keys', async () => {
  // To kubectl a null, and what needs all 64 bits, is no key; of larger integers it keeps 8 digits, hoist all.
  const texts = generated(1500, 2).filter((text) => !/^(~|null)$/i.test(text) && !isHuge(resolvePlain(text)));
  const { ours, theirs } = await both(`${head}data:\n${texts.map((text) => `- {? ${text} : 1}\n`).join('')}`);
  const [mine, his] = [ours, theirs].map((read) =>
    ((read as { data: object[] }[])[0]?.data ?? []).map((one) => Object.keys(one)),
  );
  const differences = texts.flatMap((text, at) =>
    mine?.[at]?.[0] === his?.[at]?.[0] ? [] : [`${text}: ${mine?.[at]?.[0]}, kubectl ${his?.[at]?.[0]}`],
  );
  assert.ok(texts.length > 500);
  assert.equal(differences, []);
});

test('what JSON cannot hold is refused by both', async () => {
  for (const text of ['.inf', '-.Inf', '+.INF', '.nan', '.NaN', '!!float .inf', '!!int x', '!!float text']) {
    const { ours, theirs } = await both(`${head}data: ${text}\n`);
    assert.is(theirs, undefined, text);
    assert.is(ours, undefined, text);
  }
  const nothing = await both(`${head}data: {~: 1}\n`);
  assert.equal(nothing, { ours: undefined, theirs: undefined });
});

test('explicit tags, folds, merges and large numbers', async () => {
  const texts = [
    'a: !!str 12\nb: !!float 3\nc: !!int 0x1f\nd: !!binary aGVsbG8=\ne: !!bool yes\nf: !!null ~\ng: !!timestamp 2001-01-01\n',
    'note: \'first half of a long\nsecond half\'\nother: "one\n\n  two \\\n  three"\nlist:\n- \'a\n  b\'\n- - "c\n  d"\n',
    'base: &b {a: 1, c: 2}\nm: {<<: *b, a: 3}\nlist: {<<: [*b, {z: 1}]}\n',
    'a: 9223372036854775807\nb: -9223372036854775808\nc: 18446744073709551615\nd: 0xFFFFFFFFFFFFFFFF\ne: 123456789012345678901234567890\n',
    'a: 1e18\nb: 1e21\nc: 1.0\nd: 1e-7\ne: 0.1\nf: 12345678.9\ng: 1_000.5\n',
  ];
  for (const text of texts) {
    const { ours, theirs } = await both(head + text);
    assert.ok(theirs !== undefined, text);
    assert.equal(ours, theirs, text);
  }
});

test('flow collections', async () => {
  const known = [
    '[2001:db8::, fd00::]',
    '{a:1, "b":2, "c": [x:, a::b, "q"]}',
    '[cat, -]',
    '[x\n    y # z\n  , -1]',
    '[a:]',
  ];
  const piece = fc.constantFrom(
    'a',
    'b',
    ':',
    ': ',
    '-',
    ', ',
    '::',
    '- ',
    ' #',
    '[',
    ']',
    '"q"',
    '1',
    '{',
    '}',
    '\n    ',
  );
  const random = fc.array(piece, { maxLength: 7 }).map((pieces) => `[a, ${pieces.join('')}]`);
  let read = 0;
  for (const text of [...known, ...fc.sample(random, { numRuns: Number(process.env['FUZZ'] ?? 40), seed: 3 })]) {
    const { ours, theirs } = await both(`${head}data: ${text}\n`);
    // What both take means the same to both. hoist refuses some more, like a text within which a list begins.
    if (theirs === undefined || (ours === undefined && !known.includes(text))) continue;
    assert.equal(ours, theirs, text);
    read += 1;
  }
  assert.ok(read > known.length);
});

test('JSON files', async () => {
  const object = '{"apiVersion":"v1","kind":"Some","metadata":{"name":"some"},"data":';
  for (const data of [
    '9223372036854775807',
    '[-9223372036854775808, "9223372036854775807", 1.5e3, 1e400]',
    '"int:1"',
  ]) {
    for (const mark of ['', '\uFEFF']) {
      const { ours, theirs } = await both(`${mark}${object}${data}}`, 'some.json');
      if (data.includes('1e400')) assert.is(ours, undefined);
      else assert.equal(ours, theirs, data);
    }
  }
});

test('files as people write them', async () => {
  const folder = new URL('../../fixtures/cases/', import.meta.url).pathname;
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => /\.(ya?ml|json)$/.test(file) && !file.includes('templates/'),
  );
  let read = 0;
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    if (!/^\s*"?kind"?: /m.test(text) || /managedFields|^kind: Config$/m.test(text)) continue;
    const theirs = kubectlReads(join(folder, file));
    const { parts, problems } = await readText(text, file);
    const ours = problems.length > 0 ? undefined : parts.flatMap(({ value }) => unlisted(asServer(value)));
    if (theirs === undefined) continue;
    assert.equal(ours, theirs.map(asServer), file);
    read += 1;
  }
  assert.ok(read >= 10, `only ${read} files were compared`);
});

/** kubectl applies the items of a list one by one. */
function unlisted(value: unknown): unknown[] {
  const list = value as { kind?: string; items?: unknown[] };
  return list.kind === 'List' ? (list.items ?? []) : [value];
}

kubectl.run();
