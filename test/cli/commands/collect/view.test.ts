// What `collect` and `preflight` print: the plan, and the result for people and for programs.

import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planText, resultJson, resultLines, warningLines } from '../../../../scripts/cli/commands/collect/view.ts';
import { checkLines, checksJson } from '../../../../scripts/cli/commands/preflight/view.ts';
import { sinceOf, withSince } from '../../../../scripts/cli/commands/collect/since.ts';
import type { Asked } from '../../../../scripts/cli/commands/collect/inputs.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import type { BundleResult } from '../../../../scripts/support/make-bundle.ts';

const view = suite('cli/commands/collect/view');

const PLACE = { file: 'spec.yaml', line: 3, column: 5 };
const ENV = { NO_COLOR: '1', LANG: 'C.UTF-8' };
const show = (): { io: Io; env: typeof ENV } => ({ io: { stdout: new PassThrough() } as unknown as Io, env: ENV });

const report = (title: string, outcome: string, more: object = {}): object => ({
  title,
  kind: 'logs',
  host: false,
  place: 'spec.yaml:3:5',
  outcome,
  files: 1,
  notes: [],
  problems: [],
  ...more,
});

function result(more: object = {}): BundleResult {
  return {
    file: undefined,
    reports: [report('a', 'ok', { startedMs: 0, endedMs: 1500 })],
    failures: [],
    results: [],
    leftOut: [],
    cut: [],
    files: 2,
    bytes: 2048,
    wallMs: 2000,
    unreachable: undefined,
    ...more,
  } as unknown as BundleResult;
}

const lines = (more: object, quiet = false, warnings: Asked['warnings'] = []): string[] =>
  resultLines(result(more), { ...show(), warnings, output: { output: 'text', quiet, verbose: false } as never })
    .trimEnd()
    .split('\n');

const asked = (more: object = {}): Asked =>
  ({
    plan: {
      items: [
        {
          step: 'logs a',
          item: { kind: 'logs', place: PLACE },
          lane: 'cluster',
          timeoutMs: 60_000,
          needs: ['x', 'y'],
          suffix: '',
        },
        { step: 'cpu', item: { kind: 'cpu', place: PLACE }, lane: 'host', timeoutMs: 1000, needs: ['z'], suffix: '' },
      ],
      skipped: [{ title: 'secret', item: { kind: 'secret', place: PLACE }, reason: 'excluded', message: 'excluded' }],
    },
    spec: { notFollowed: ['a link'], analyzers: [{ kind: 'event', host: false, place: PLACE }] },
    warnings: [{ place: PLACE, message: 'odd', severity: 'warning' }],
    ...more,
  }) as unknown as Asked;

view('the plan for people', () => {
  assert.equal(
    planText(asked(), 'text')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, '  ')),
    [
      'logs a  cluster  1 min 00 s  spec.yaml:3:5',
      'cpu  host  1.0 s  spec.yaml:3:5',
      'secret  left out  excluded  spec.yaml:3:5',
      '2 collectors, 1 check',
      'warning: spec.yaml:3:5: odd',
      'note: a link',
    ],
  );
  assert.equal(warningLines(asked()), ['warning: spec.yaml:3:5: odd', 'note: a link']);
});

view('the plan for programs', () => {
  const json = JSON.parse(planText(asked(), 'json')) as Record<string, unknown[]>;
  assert.is(json['type'], 'collect.plan');
  assert.equal(json['items'], [
    { name: 'logs a', kind: 'logs', place: 'spec.yaml:3:5', lane: 'cluster', timeoutMs: 60_000, needs: 2, suffix: '' },
    { name: 'cpu', kind: 'cpu', place: 'spec.yaml:3:5', lane: 'host', timeoutMs: 1000, needs: ['z'], suffix: '' },
  ]);
  assert.equal(json['analyzers'], [{ kind: 'event', host: false, place: 'spec.yaml:3:5' }]);
  assert.equal(json['problems'], [{ place: 'spec.yaml:3:5', message: 'odd', severity: 'warning' }]);
});

view('the verdict: what was collected, how long it took, where it is', () => {
  assert.equal(lines({}), ['✓ 1 of 1 collector in 2.0 s, 2 files', '  slowest  a 1.5 s']);
  assert.equal(lines({}, true), ['✓ 1 of 1 collector in 2.0 s, 2 files']);
  assert.equal(lines({ file: 'b.tar.gz' }, true)[1], '  archive  b.tar.gz (2.0 KiB before it was packed)');
  assert.is(lines({ stopped: new Error('enough') }, true)[0], '✗ stopped (enough): 1 of 1 collector in 2.0 s, 2 files');
  const reports = ['ok', 'partial', 'timeout', 'excluded'].map((outcome, i) =>
    report(`r${i}`, outcome, { startedMs: 0, endedMs: i * 1000 }),
  );
  assert.equal(lines({ reports }), [
    '✓ 2 of 4 collectors in 2.0 s, 2 files',
    '  slowest  r3 3.0 s, r2 2.0 s, r1 1.0 s',
  ]);
});

view('problems: once each, with who has it', () => {
  const bad = (title: string, outcome = 'partial'): object => report(title, outcome, { problems: ['forbidden'] });
  assert.match(lines({ reports: ['a', 'b', 'c'].map((title) => bad(title)) })[0] ?? '', / a, b, c: forbidden$/);
  assert.match(
    lines({ reports: ['a', 'b', 'c', 'd'].map((title) => bad(title)) })[0] ?? '',
    / a, b and 2 more: forbidden$/,
  );
  assert.is(lines({ reports: [bad('a', 'excluded')] }).length, 1);
  assert.is(lines({ reports: [bad('a')] }, true).length, 1);
  const warnings = [{ place: PLACE, message: 'odd', severity: 'warning' as const }];
  assert.is(lines({ reports: [bad('a', 'unsupported')] }, false, warnings).length, 1, 'its warning has said so');
  assert.is(lines({ reports: [bad('a', 'unsupported')] }).length, 2);
  assert.is(lines({ reports: [bad('a')] }, false, warnings).length, 2);
  assert.is(lines({ leftOut: [{ path: 'p', reason: 'too large' }] })[0], '✗ p was left out: too large');
  assert.match(lines({ cut: [{ path: 'p', bytes: 1 }] })[0] ?? '', / 1 file cut to the newest bytes$/);
});

const results = [
  { title: 'one', outcome: 'pass', message: 'good', uri: 'https://a', place: PLACE },
  { title: 'two', outcome: 'warn', message: 'so so', uri: '', place: PLACE },
  { title: 'three', outcome: 'fail', message: 'bad', strict: true, place: PLACE, reason: 'r' },
];

view('checks: those that pass are only counted', () => {
  const shown = lines({ results }, false);
  assert.match(shown[0] ?? '', / two: so so$/);
  assert.is(shown[1], '✗ three: bad');
  assert.is(shown[2], '✓ 1 of 1 collector in 2.0 s, 2 files, 3 checks: 1 passed, 1 warned, 1 failed');
});

view('the result for programs', () => {
  const json = JSON.parse(
    resultJson(
      result({
        results,
        stopped: new Error('enough'),
        failures: [{ reason: 'timeout', place: PLACE }, { reason: 'x' }],
      }),
      asked(),
    ),
  ) as Record<string, unknown>;
  assert.is(json['stopped'], 'enough');
  assert.equal(
    (json['analyzerResults'] as { place: string }[]).map(({ place }) => place),
    Array(3).fill('spec.yaml:3:5'),
  );
  assert.equal(json['failures'], [{ reason: 'timeout', place: 'spec.yaml:3:5' }, { reason: 'x' }]);
  assert.equal([json['wallMs'], json['files']], [2000, 2]);
  assert.not.ok('stopped' in (JSON.parse(resultJson(result(), asked())) as object));
});

view('preflight: each check on a line, only failures where it is to be quiet', () => {
  const of = (more: object, quiet = false): string[] =>
    checkLines(result(more), { ...show(), output: { output: 'text', quiet, verbose: false } as never })
      .trimEnd()
      .split('\n');
  const reports = [
    report('a', 'ok', { problems: ['x'] }),
    report('b', 'excluded', { problems: ['x'] }),
    report('c', 'timeout', { problems: ['late'] }),
  ];
  const shown = of({ results, reports });
  assert.match(shown[0] ?? '', / c: late$/);
  assert.is(shown[1], '✓ one: good (https://a)');
  assert.match(shown[2] ?? '', / two: so so$/);
  assert.is(shown[3], '✗ three: bad');
  assert.is(shown[4], '3 checks in 2.0 s: 1 passed, 1 warned, 1 failed');
  assert.equal(of({ results, reports }, true), ['✗ three: bad', shown[4]]);
  assert.is(
    of({ stopped: new Error('enough') })[0],
    'stopped (enough): 0 checks in 2.0 s: 0 passed, 0 warned, 0 failed',
  );
  const json = JSON.parse(checksJson(result({ results, reports, stopped: new Error('enough') }))) as Record<
    string,
    unknown
  >;
  assert.equal(json['pass'], [{ title: 'one', message: 'good', uri: 'https://a' }]);
  assert.equal(json['fail'], [{ title: 'three', message: 'bad', strict: true, reason: 'r' }]);
  assert.equal((json['collectors'] as object[]).length, 2);
  assert.is(json['stopped'], 'enough');
});

view('--since and --since-time', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  assert.is(sinceOf({ since: undefined, 'since-time': undefined }, now), undefined);
  assert.is(sinceOf({ since: '90s', 'since-time': undefined }, now), '2026-01-02T03:02:35.000Z');
  assert.is(sinceOf({ since: undefined, 'since-time': '2026-01-02T01:00:00+01:00' }, now), '2026-01-02T00:00:00.000Z');
  assert.throws(() => sinceOf({ since: '1s', 'since-time': '2026-01-02T01:00:00Z' }, now), /do not go together/);
  for (const since of ['0s', 'x', ''])
    assert.throws(() => sinceOf({ since, 'since-time': undefined }, now), /must be a duration/);
  for (const time of ['2026-01-02', 'now', '2026-13-02T00:00:00Z'])
    assert.throws(() => sinceOf({ since: undefined, 'since-time': time }, now), /must be a time/);
  const spec = {
    collectors: [
      { kind: 'logs', spec: { name: 'l', limits: { maxLines: 5 } } },
      { kind: 'run', spec: {} },
    ],
  } as never;
  assert.is(withSince(spec, undefined), spec);
  assert.equal(
    withSince(spec, 'T').collectors.map((item) => item.spec),
    [{ name: 'l', limits: { sinceTime: 'T' } }, {}],
  );
});

view.run();
