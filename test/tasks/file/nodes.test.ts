// Values out of YAML nodes: each kind of value with its bounds, what is said of wrong ones, and where.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDocument } from 'yaml';
import { Findings, itemsOf, pairsOf, Reading, textOf } from '../../../scripts/tasks/file/nodes.ts';
import { type Mark, Source, whereOf } from '../../../scripts/tasks/file/source.ts';
import type { ObjectName } from '../../../scripts/tasks/file/keys.ts';

const nodes = suite('tasks/file/nodes');

function read(text: string, name: ObjectName = 'task'): { reading: Reading; findings: Findings; said: () => string[] } {
  const source = new Source('t.yaml', text);
  const document = parseDocument(text);
  const findings = new Findings();
  const around: Mark = { source, offset: 0 };
  const reading = new Reading(document.contents, name, { origin: { document, source }, findings, around });
  const said = (): string[] => findings.problems.map(({ where, message }) => `${where} ${message}`);
  return { reading, findings, said };
}

nodes('texts as they were written', () => {
  const { reading, said } = read('name: 1.10\ndescription:\nenvPath: "a b"\nonce: ~\ninternal: 0x10\n');
  assert.is(reading.text('name')?.value, '1.10');
  assert.is(reading.text('description')?.value, '');
  assert.is(reading.filled('description'), undefined);
  assert.is(reading.text('envPath')?.value, 'a b');
  assert.is(reading.filled('envPath')?.value, 'a b');
  assert.is(reading.text('once')?.value, '');
  assert.is(reading.text('internal')?.value, '0x10');
  assert.is(reading.text('finally'), undefined);
  assert.equal(said(), []);
  const wrong = read('name: [a]\n');
  assert.is(wrong.reading.text('name'), undefined);
  assert.equal(wrong.said(), ['t.yaml:1:1 "name" must be a text']);
});

nodes('flags', () => {
  for (const [text, value] of [
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['"true"', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    ['', false],
  ] as const) {
    const { reading, said } = read(`name: a\nonce: ${text}\n`);
    assert.is(reading.flag('once'), value, text);
    assert.equal(said(), [], text);
  }
  const { reading, said } = read('name: a\nonce: yes\n');
  assert.is(reading.flag('once'), false);
  assert.is(reading.flag('internal'), false);
  assert.equal(said(), ['t.yaml:2:7 "once" must be true or false, not "yes"']);
});

nodes('counts and durations, at their bounds', () => {
  const count = (text: string, least?: number): unknown => {
    const { reading, said } = read(`name: ${text}\n`);
    return reading.count('name', least) ?? said()[0];
  };
  assert.is(count('0'), 0);
  assert.is(count('7'), 7);
  assert.is(count('""'), undefined);
  assert.is(count('-1'), 't.yaml:1:7 "name" must be a whole number of at least 0, not "-1"');
  assert.is(count('1', 1), 1);
  assert.is(count('0', 1), 't.yaml:1:7 "name" must be a whole number of at least 1, not "0"');
  assert.match(String(count('1.5')), 'must be a whole number');
  assert.match(String(count('9007199254740992')), 'must be a whole number');
  const duration = (text: string): unknown => {
    const { reading, said } = read(`name: ${text}\n`);
    return reading.duration('name') ?? said()[0];
  };
  assert.is(duration('90'), 90_000);
  assert.is(duration('0.5'), 500);
  assert.is(duration('1m30s'), 90_000);
  assert.is(duration('2147483647ms'), 2_147_483_647);
  assert.is(duration('""'), undefined);
  for (const text of ['0', '0s', 'soon', '2147483648ms', '-1s'])
    assert.is(duration(text), `t.yaml:1:7 "name" must be a duration like "90s" or "1m30s", not "${text}"`);
});

nodes('lists of texts, and one alone', () => {
  const texts = (text: string): unknown => {
    const { reading, said } = read(`name: a\nsources: ${text}\n`);
    const values = reading.texts('sources').map(({ value }) => value);
    return [values, ...said()];
  };
  assert.equal(texts('a'), [['a']]);
  assert.equal(texts(''), [[]]);
  assert.equal(texts('[a, 1.0]'), [['a', '1.0']]);
  assert.equal(texts('[]'), [[]]);
  assert.equal(texts('{a: b}'), [[], 't.yaml:2:1 "sources" must be a list']);
  assert.equal(texts('[a, {b: c}]'), [['a'], 't.yaml:2:14 an item of "sources" must be a text']);
  assert.equal(read('name: a\n').reading.texts('sources'), []);
});

nodes('items, entries, maps', () => {
  const { reading, said } = read('name: a\nactions: [x, {y: z}]\ninputs: {p: 1, q: [2]}\nfinally: no\n');
  assert.equal(
    reading.items('actions').map(({ at }) => whereOf(at)),
    ['t.yaml:2:11', 't.yaml:2:14'],
  );
  assert.equal(reading.items('missing'), []);
  assert.equal(reading.items('finally'), []);
  assert.equal(
    reading.entries('inputs').map(([name, { key }]) => [name, whereOf(key)]),
    [
      ['p', 't.yaml:3:10'],
      ['q', 't.yaml:3:16'],
    ],
  );
  assert.equal(reading.entries('missing'), []);
  assert.equal(reading.entries('finally'), []);
  assert.equal(
    [...reading.map('inputs')].map(([name, { value }]) => [name, value]),
    [['p', '1']],
  );
  assert.equal(said(), [
    't.yaml:4:1 "finally" must be a list',
    't.yaml:4:1 "finally" must be a mapping',
    't.yaml:3:16 "q" in "inputs" must be a text',
  ]);
  const empty = read('name: a\nactions:\ninputs: ~\n');
  assert.equal([empty.reading.items('actions'), empty.reading.entries('inputs')], [[], []]);
  assert.equal(empty.said(), []);
  const bare = read('{name: a, actions, inputs}');
  assert.equal([bare.reading.items('actions'), bare.reading.entries('inputs')], [[], []]);
  assert.equal(bare.said(), []);
});

nodes('keys: unknown ones warn, unless they look like one that would be lost', () => {
  const of = (text: string, name?: ObjectName): string[][] => {
    const { findings, said } = read(text, name);
    return [said(), findings.warnings.map(({ where, message }) => `${where} ${message}`)];
  };
  assert.equal(of('name: a\nx-mine: 1\n'), [[], []]);
  assert.equal(of('name: a\nzzz: 1\n'), [[], ['t.yaml:2:1 unknown key "zzz" in a task; it has no effect']]);
  assert.equal(of('name: a\ndescripton: 1\n'), [
    [],
    ['t.yaml:2:1 unknown key "descripton" in a task; did you mean "description"? It has no effect'],
  ]);
  assert.equal(of('name: a\nfinaly: []\n'), [
    ['t.yaml:2:1 unknown key "finaly" in a task; did you mean "finally"?'],
    [],
  ]);
  assert.equal(of('description: a\n'), [['t.yaml:1:1 a task needs the key "name"'], []]);
  assert.equal(of('variables: []\n', 'file'), [[], []]);
  assert.equal(of('[a]\n', 'variable'), [
    ['t.yaml:1:1 must be a mapping with name, description, default, …', 't.yaml:1:1 a variable needs the key "name"'],
    [],
  ]);
});

nodes('what is below a key, and where keys are', () => {
  const { reading } = read('name: a\ninputs:\n  p:\n    description: x\n');
  assert.is(reading.has('name'), true);
  assert.is(reading.has('once'), false);
  assert.is(whereOf(reading.mark('inputs')), 't.yaml:2:1');
  assert.is(whereOf(reading.mark('once')), 't.yaml:1:1');
  assert.is(reading.below('once', 'input'), undefined);
  const below = reading.below('inputs', 'file');
  assert.is(below && whereOf(below.at), 't.yaml:3:3');
});

nodes('what is no mapping is said with the keys that it may have', () => {
  const said = (name: ObjectName): string => read('text', name).said()[0] ?? '';
  assert.is(said('retry'), 't.yaml:1:1 must be a mapping with attempts and backoff');
  assert.is(said('shell'), 't.yaml:1:1 must be a mapping with linux, darwin, windows, …');
  assert.is(said('file'), 't.yaml:1:1 must be a mapping with includes, variables, tasks, …');
});

nodes('anchors, aliases and merged keys', () => {
  const text = 'a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  y: 0\n  <<: [*a, *b]\nd:\n  <<: *a\n  x: 9\ne: *a\n';
  const source = new Source('t.yaml', text);
  const document = parseDocument(text);
  const origin = { document, source };
  const at = { source, offset: 0 };
  const root = pairsOf(document.contents, origin);
  const values = (key: string): unknown =>
    [...(pairsOf(root?.get(key)?.value, origin) ?? [])].map(
      ([name, { value }]) => `${name}${textOf(value, origin, at)?.value}`,
    );
  assert.equal(values('c'), ['y0', 'x1', 'z4']);
  assert.equal(values('d'), ['x9', 'y2']);
  assert.equal(values('e'), ['x1', 'y2']);
  assert.is(pairsOf(document.createNode('text'), origin), undefined);
  assert.equal(itemsOf(undefined, origin), []);
  assert.equal(itemsOf(null, origin), []);
  assert.is(itemsOf(document.createNode('x'), origin), undefined);
});

nodes('mappings are merged 20 deep', () => {
  for (const [depth, found] of [
    [20, true],
    [21, false],
  ] as const) {
    const levels = Array.from({ length: depth }, (_, at) => `a${at + 1}: &a${at + 1} {<<: *a${at}}\n`);
    const text = `a0: &a0 {x: 1}\n${levels.join('')}`;
    const origin = { document: parseDocument(text), source: new Source('t.yaml', text) };
    const last = pairsOf(origin.document.contents, origin)?.get(`a${depth}`)?.value;
    assert.is(pairsOf(last, origin)?.has('x'), found);
  }
});

nodes.run();
