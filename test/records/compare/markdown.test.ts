// A comparison as Markdown and as text: every figure of a row, the whole run in bold, warnings, names that must not be read as markup.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLimit, regressionOf, undecided } from '../../../scripts/records/compare/gate.ts';
import { comparisonMarkdown, escaped } from '../../../scripts/records/compare/markdown.ts';
import { skippedNotes } from '../../../scripts/records/compare/sides.ts';
import { cell, clean, comparisonText } from '../../../scripts/records/compare/text.ts';
import type { Comparison, Row } from '../../../scripts/records/compare/comparison.ts';
import type { SpeedVerdict } from '../../../scripts/records/compare/verdict.ts';
import { sampleRecord } from '../sample.ts';

const markdown = suite('records/compare/markdown');

const figures = (median: number, n = 5): object => ({
  n,
  median,
  mad: 10,
  min: median - 100,
  max: median + 100,
  mean: median,
});

function row(name: string, verdict?: SpeedVerdict, more: object = {}): Row {
  const difference = { ratio: 0.5, ratioInterval: { low: 0.4, high: 0.6 } };
  return {
    name,
    a: figures(1000),
    b: figures(1500),
    ...(verdict === undefined ? {} : { difference, verdict }),
    ...more,
  } as unknown as Row;
}

function comparison(more: Partial<Comparison> = {}): Comparison {
  return {
    a: { name: 'one', records: [sampleRecord()] },
    b: { name: 'two', records: [sampleRecord(), sampleRecord()], load: 0.25 },
    whole: row('whole run', 'slower'),
    steps: [],
    warnings: [],
    ...more,
  };
}

markdown('a table with all figures', () => {
  const steps = [
    row('same', 'no difference seen'),
    row('fast', 'faster'),
    row('gone', undefined, { b: undefined }),
    row('new', undefined, { a: undefined }),
  ];
  assert.equal(comparisonMarkdown([comparison({ steps, warnings: ['a <b>'] })]).split('\n'), [
    '### one (A, 1) against two (B, 2)',
    '',
    '| | n | A: median ± MAD | A: min – max | B: median ± MAD | B: min – max | change | 95 % interval | verdict |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --- |',
    '| **whole run** | 5/5 | 1.00 s ± 10.0 ms | 900 ms – 1.10 s | 1.50 s ± 10.0 ms | 1.40 s – 1.60 s | +50 % | +40 % … +60 % | **slower** |',
    '| same | 5/5 | 1.00 s ± 10.0 ms | 900 ms – 1.10 s | 1.50 s ± 10.0 ms | 1.40 s – 1.60 s | +50 % | +40 % … +60 % | no difference seen |',
    '| fast | 5/5 | 1.00 s ± 10.0 ms | 900 ms – 1.10 s | 1.50 s ± 10.0 ms | 1.40 s – 1.60 s | +50 % | +40 % … +60 % | **faster** |',
    '| gone | 5/0 | 1.00 s ± 10.0 ms | 900 ms – 1.10 s | – | – |  |  | only in A |',
    '| new | 0/5 | – | – | 1.50 s ± 10.0 ms | 1.40 s – 1.60 s |  |  | only in B |',
    '',
    '- Mind: a &lt;b>.',
    '',
  ]);
  assert.is(comparisonMarkdown([comparison(), comparison()]).split('###').length, 3);
  assert.not.match(comparisonMarkdown([comparison()]), 'Mind');
});

markdown('names are no markup', () => {
  assert.is(escaped('a|b *c* <d> `e` [f] #1 @x & \\'), 'a\\|b \\*c\\* &lt;d> \\`e\\` \\[f\\] \\#1 \\@x &amp; \\\\');
});

markdown('text: a row for each step, the spread where there are several runs', () => {
  const shown = (name: string, range: string, verdict: string): string =>
    `${name.padEnd(22)}   1.00 s   1.50 s   +50 %  ${range.padEnd(12)}${verdict}`;
  const steps = [row('few', 'too few runs'), row('gone', undefined, { b: undefined }), row('x'.repeat(30), 'faster')];
  const lines = comparisonText([comparison({ steps })]).split('\n');
  assert.match(lines[0] ?? '', /^A {2}one +\S+$/);
  assert.match(lines[1] ?? '', /^B {2}two +2 runs, 2026-01-02 to 2026-01-02, load 0\.25 per CPU$/);
  assert.is(lines[4], shown('whole run', '+40…+60 %', 'slower'));
  assert.is(lines[5], shown('few', '-', 'too few runs'));
  assert.is(lines[6], `${'gone'.padEnd(22)}   1.00 s        -${' '.repeat(22)}only in A`);
  assert.is(lines[7], 'x'.repeat(30));
  assert.is(lines[8], shown('', '+40…+60 %', 'faster'));
  assert.match(lines[10] ?? '', /^Spread/);
  const once = { a: figures(1000, 1), b: figures(1500, 1) };
  const single = comparisonText([comparison({ whole: row('whole run', 'slower', once) })]);
  assert.not.match(single, 'Spread');
  assert.not.match(single, 'Plan');
  assert.match(comparisonText([comparison(), comparison()]), /^Plan /m);
});

markdown('text: cells of a width, whatever a letter takes', () => {
  assert.is(cell('ab', 4), 'ab  ');
  assert.is(cell('abc', 4), 'abc ');
  assert.is(cell('abcd', 4), 'a…d ');
  assert.is(cell('abcdefgh', 6), 'ab…gh ');
  assert.is(cell('ああああ', 6), 'あ…あ ');
  assert.is(clean(' a\tb\n c\u001b[31m '), clean('a b c\u001b[31m'));
});

markdown('warnings are wrapped at 80 columns', () => {
  const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ');
  const lines = comparisonText([comparison({ warnings: [words] })]).split('\n');
  const at = lines.findIndex((line) => line.startsWith('Mind: '));
  assert.ok(lines.slice(at).every((line) => line.length <= 80));
  assert.ok((lines[at]?.length ?? 0) > 73, 'as full as they can be');
  assert.match(lines[at + 1] ?? '', /^ {2}word/);
});

markdown('a line of 80 columns is one line', () => {
  const lengths = [71, 72].map((length) => {
    const text = comparisonText([comparison({ warnings: [`${'a'.repeat(length)} b`] })]);
    return text.split('\n').find((line) => line.startsWith('Mind: '))?.length;
  });
  assert.equal(lengths, [80, 78]);
});

markdown('the gate: beyond the limit with its whole interval only', () => {
  const of = (verdict: SpeedVerdict, low: number): Comparison =>
    comparison({ whole: row('w', verdict, { difference: { ratio: 0.5, ratioInterval: { low, high: 0.6 } } }) });
  assert.is(regressionOf([of('slower', 0.1)], 0.1), undefined);
  assert.match(
    regressionOf([of('slower', 0.11)], 0.1)?.message ?? '',
    'two took +50 % against one (between +11 % and +60 %): beyond the +10 % that are allowed',
  );
  assert.is(regressionOf([of('no difference seen', 0.5)], 0.1), undefined);
  assert.is(regressionOf([comparison({ whole: row('w') })], 0.1), undefined);
  assert.equal(undecided([of('slower', 0.5)]), []);
  assert.is(undecided([of('slower', 0.5), of('too few runs', 0.5)]).length, 1);
  assert.equal([readLimit('10%'), readLimit('2.5 %'), readLimit('0%')], [0.1, 0.025, 0]);
  for (const text of ['10', '-1%', '%', '10%%']) assert.throws(() => readLimit(text), /expected a percentage/);
});

markdown('what was left out, counted', () => {
  assert.equal(skippedNotes({ damaged: 0, newer: 0, notDone: 0 }), []);
  assert.equal(skippedNotes({ damaged: 1, newer: 1, notDone: 1 }), [
    'skipped 1 damaged record',
    'skipped 1 record of a newer version of hoist',
    'left out 1 run that failed',
  ]);
  assert.equal(skippedNotes({ damaged: 2, newer: 3, notDone: 4 }), [
    'skipped 2 damaged records',
    'skipped 3 records of a newer version of hoist',
    'left out 4 runs that failed',
  ]);
});

markdown.run();
