// What collectors share: keys of a spec as texts and lists, durations of Go, titles.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  durationMs,
  firstText,
  json,
  list,
  mapping,
  text,
  titleOf,
  type Collector,
} from '../../../scripts/support/collectors/collector.ts';
import type { Item } from '../../../scripts/support/types.ts';

const collector = suite('support/collectors/collector');

const SPEC = { text: 'a', number: 0, yes: false, empty: '', nothing: null, list: [1, 'b'], map: { k: 1 } };

collector('keys as texts', () => {
  const table: [key: string, value: string | undefined][] = [
    ['text', 'a'],
    ['number', '0'],
    ['yes', 'false'],
    ['empty', ''],
    ['nothing', undefined],
    ['list', undefined],
    ['map', undefined],
    ['missing', undefined],
  ];
  for (const [key, value] of table) assert.is(text(SPEC, key), value, key);
  assert.is(firstText(SPEC, 'missing', 'empty', 'number', 'text'), '0');
  assert.is(firstText(SPEC, 'missing', 'empty'), undefined);
  assert.is(firstText(SPEC), undefined);
});

collector('lists and mappings; anything else is an empty one', () => {
  assert.equal(list(SPEC, 'list'), ['1', 'b']);
  for (const key of ['text', 'map', 'missing']) assert.equal(list(SPEC, key), [], key);
  assert.equal(mapping(SPEC, 'map'), { k: 1 });
  for (const key of ['text', 'list', 'nothing', 'missing']) assert.equal(mapping(SPEC, key), {}, key);
});

collector('durations in ms', () => {
  const table: [text: string | undefined, ms: number | undefined][] = [
    ['1s', 1000],
    ['1.5s', 1500],
    ['1h30m', 5_400_000],
    ['2m', 120_000],
    ['7ms', 7],
    ['1000us', 1],
    ['1000µs', 1],
    ['2000000ns', 2],
    ['0s', 0],
    ['5', undefined],
    ['s', undefined],
    ['-1s', undefined],
    ['1s ', undefined],
    ['1d', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [value, ms] of table) assert.is(durationMs(value), ms, value);
});

collector('titles: kind, name or selector', () => {
  const of = (spec: object, { host = false, title }: { host?: boolean; title?: string } = {}): string =>
    titleOf(
      { kind: 'logs', spec, host } as unknown as Item,
      title === undefined ? undefined : ({ title } as unknown as Collector),
    );
  assert.is(of({}), 'logs');
  assert.is(of({}, { title: 'Logs' }), 'Logs');
  assert.is(of({ name: 'n', collectorName: 'c' }), 'logs/c');
  assert.is(of({ name: 'n', selector: ['a=b'] }), 'logs/n');
  assert.is(of({ selector: ['a=b', 'c=d'] }), 'logs/a=b,c=d');
  assert.is(of({ selector: ['a=b'] }, { host: true }), 'logs');
  assert.is(of({ selector: [] }), 'logs');
  assert.is(json({ a: [1] }).toString(), '{\n  "a": [\n    1\n  ]\n}');
});

collector.run();
