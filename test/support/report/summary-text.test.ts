// The table of what each collector gave: the slowest first, and what is missing only where something is.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SummaryInputs, summaryText } from '../../../scripts/support/report/summary-text.ts';

type Report = SummaryInputs['collectors'][number];

const report = (title: string, more: Partial<Report> = {}): Report => ({
  title,
  kind: title,
  host: false,
  place: 'spec.yaml:1:1',
  outcome: 'ok',
  files: 1,
  notes: [],
  problems: [],
  ...more,
});

const texts = suite('summary of a bundle');

texts('the slowest first, in columns; one that never started has no time', () => {
  const collectors = [
    report('never', { outcome: 'timeout', files: 0 }),
    report('quick', { startedMs: 100, endedMs: 300, notes: ['a note'], problems: ['a\nproblem'] }),
    report('long-one', { startedMs: 0, endedMs: 2500, outcome: 'partial', files: 12 }),
  ];
  const [head, ...rows] = summaryText({ collectors, leftOut: [], cut: [] }).split('\n');
  assert.is(head, '============ Collectors ============');
  assert.equal(
    rows.map((row) => row.split(/ {2,}/)),
    [
      ['long-one', 'partial', '2.5 s', '12 files'],
      ['quick', 'ok', '200 ms', '1 files', rows[1]?.split(/ {2,}/)[4]],
      ['never', 'timeout', '0 files'],
      [''],
    ],
  );
  assert.match(rows[1] ?? '', /a note; a.*problem$/);
  const columns = rows.slice(0, 3).map((row) => row.indexOf(' files'));
  assert.is(new Set(columns).size, 1);
});

texts('what was cut or left out has a heading only where there is any', () => {
  const none = summaryText({ collectors: [], leftOut: [], cut: [] });
  assert.is(none, '============ Collectors ============\n');
  const one = summaryText({
    collectors: [],
    leftOut: [{ path: 'a.bin', reason: 'cannot be redacted' }],
    cut: [{ path: 'big.log', bytes: 5 }],
  });
  assert.equal(one.split('\n').slice(1), [
    '============ Cut to the newest bytes ============',
    'big.log: 5 older bytes are not in it',
    '============ Left out ============',
    'a.bin: cannot be redacted',
    '',
  ]);
});

texts('names are one harmless line, wherever they come from', () => {
  const hostile = 'n\x1b]52;c;Zm9v\x07\r\nFAKE  done';
  const inputs = {
    collectors: [report(hostile)],
    leftOut: [{ path: hostile, reason: hostile }],
    cut: [{ path: hostile, bytes: 1 }],
  };
  const text = summaryText(inputs);
  assert.not.match(text, /[\x00-\x09\x0b-\x1f]/);
  assert.is(text.split('\n').filter((line) => line.startsWith('FAKE')).length, 0);
});

texts.run();
