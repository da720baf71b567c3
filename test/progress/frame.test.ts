import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { type Look, frame } from '../../scripts/progress/frame.ts';
import { styleFor } from '../../scripts/progress/style.ts';
import { Tally } from '../../scripts/progress/tally.ts';
import { width } from '../../scripts/base/layout.ts';
import { ended, record, started } from './events.ts';

const test = suite('frame');

function look(cells: number, colour = false, unicode = true): Look {
  const bar = (part: number, size: number): string => '#'.repeat(Math.round(part * size)).padEnd(size, '.');
  return { cells, style: styleFor({ colour, unicode }), bar };
}

/** 12 of 20 steps run, in all the ways in which a step can be under way. */
function busy(): Tally {
  const tally = new Tally();
  const names = [
    'etcd',
    'images',
    'api',
    '日本語のとても長い名前のステップです',
    'a-name-that-is-longer-than-its-column-at-80-cells',
  ];
  const more = Array.from({ length: 15 }, (_, i) => `namespace team-${i + 1}`);
  tally.add(started(...names, ...more));
  for (const step of [...names, ...more.slice(0, 8)]) tally.add({ type: 'step-started', atMs: 0, step, attempt: 1 });
  tally.add({ type: 'step-progress', atMs: 500, step: 'images', progress: { done: 12e6, total: 48e6, unit: 'bytes' } });
  tally.add({ type: 'step-warning', atMs: 600, step: 'images', message: 'slow' });
  const message = 'connect ECONNREFUSED 127.0.0.1:36443';
  tally.add({ type: 'step-retrying', atMs: 1000, step: 'api', attempt: 1, delayMs: 1500, message });
  tally.add({
    type: 'step-progress',
    atMs: 1100,
    step: 'namespace team-1',
    progress: { done: 3, total: 9, unit: 'items' },
  });
  tally.add({ type: 'step-started', atMs: 1200, step: 'namespace team-2', attempt: 2 });
  tally.add({ type: 'step-progress', atMs: 1300, step: 'namespace team-3', progress: { done: 7 } });
  tally.add(ended(record('etcd', 0, 900, { outcome: 'failed' })));
  return tally;
}

test('the bar of a run is empty until a step has ended, be there only one', () => {
  const tally = new Tally();
  assert.match(frame(tally, 0, 9, look(40))[0] ?? '', /^0\/0 {2}#{10,} {2}/, 'nothing to do is done');
  tally.add(started('etcd'));
  assert.match(frame(tally, 0, 9, look(40))[0] ?? '', /^0\/1 {2}\.{10,} {2}/);
  tally.add({ type: 'step-started', atMs: 0, step: 'etcd', attempt: 1 });
  tally.add(ended(record('etcd', 0, 900)));
  assert.match(frame(tally, 0, 9, look(40))[0] ?? '', /^1\/1 {2}#{10,} {2}/);
});

test('80 cells', () => {
  assert.equal(frame(busy(), 2000, 24, look(80)), [
    '1/20  ##......................................  2.0 s  1 failed  1 warning',
    '  images                          2.0 s  #####...............  11.4/45.8 MiB',
    '  api                             2.0 s  ↻ again in 0.5 s: connect ECONNREFUSED…',
    '  日本語のとても…ステップです     2.0 s',
    '  a-name-that-is…n-at-80-cells    2.0 s',
    '  namespace team-1                2.0 s  #######.............  3/9',
    '  namespace team-2                2.0 s  attempt 2',
    '  namespace team-3                2.0 s  7 done',
    '  namespace team-4                2.0 s',
    '  namespace team-5                2.0 s',
    '  namespace team-6                2.0 s',
    '  namespace team-7                2.0 s',
    '  namespace team-8                2.0 s',
  ]);
});

test('40 cells, and fewer rows than steps', () => {
  assert.equal(frame(busy(), 2000, 7, look(40)), [
    '1/20  ......  2.0 s  1 failed  1 warning',
    '  images            2.0 s  11.4/45.8 MiB',
    '  api               2.0 s  ↻ again in 0…',
    '  日本語…プです     2.0 s',
    '  a-name-…-cells    2.0 s',
    '  namespa…team-1    2.0 s  ###.....  3/9',
    '  7 more running',
  ]);
});

test('as many rows as lines hold every step; with one row less the last two are counted', () => {
  const running = busy().running.size;
  assert.is(frame(busy(), 2000, running + 1, look(80)).length, running + 1);
  assert.not.match(frame(busy(), 2000, running + 1, look(80)).join('\n'), 'more running');
  const tight = frame(busy(), 2000, running, look(80));
  assert.is(tight.length, running);
  assert.is(tight.at(-1), '  2 more running');
});

test('200 cells', () => {
  assert.equal(frame(busy(), 2000, 5, look(200)), [
    '1/20  ##......................................  2.0 s  1 failed  1 warning',
    '  images                                      2.0 s  #####...............  11.4/45.8 MiB',
    '  api                                         2.0 s  ↻ again in 0.5 s: connect ECONNREFUSED 127.0.0.1:36443',
    '  日本語のとても長い名前のステップです        2.0 s',
    '  9 more running',
  ]);
});

test('short names leave room for the bar, the amount and the time that is left', () => {
  const tally = new Tally();
  tally.add(started('tool/nodes'));
  tally.add({ type: 'step-started', atMs: 0, step: 'tool/nodes', attempt: 1 });
  const progress = { done: 645, total: 2149, unit: 'packages', leftMs: 233_000 } as const;
  tally.add({ type: 'step-progress', atMs: 500, step: 'tool/nodes', progress });
  const lineAt = (cells: number): string | undefined => frame(tally, 84_000, 24, look(cells))[1];
  assert.is(lineAt(79), '  tool/nodes           1:24  ####.........  645/2149 packages  about 4 min left');
  assert.is(lineAt(60), '  tool/nodes           1:24  ####.........  about 4 min left');
  assert.is(lineAt(40), '  tool/nodes         1:24  about 4 min…');
});

test('nothing to run is done', () => {
  const tally = new Tally();
  tally.add(started());
  assert.equal(frame(tally, 0, 24, look(40)), [`0/0  ${'#'.repeat(28)}  0.0 s`]);
});

test('no line is wider than its cells, and no frame higher than its rows', () => {
  const step = fc.record({
    name: fc.string({ unit: character, minLength: 1, maxLength: 60 }),
    attempt: fc.integer({ min: 1, max: 100 }),
    progress: fc.option(
      fc.record({
        done: fc.nat(),
        total: fc.option(fc.nat(), { nil: undefined }),
        unit: fc.constantFrom('bytes' as const, 'items' as const, undefined),
      }),
    ),
    retry: fc.option(fc.string({ unit: character })),
  });
  const cells = fc.integer({ min: 20, max: 200 });
  const nowMs = fc.integer({ min: 0, max: 30 * 3_600_000 });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      cells,
      fc.integer({ min: 2, max: 30 }),
      nowMs,
      fc.boolean(),
      (steps, n, rows, now, colour) => {
        const tally = new Tally();
        tally.add(started(...steps.map((s) => s.name)));
        tally.warnings = steps.length;
        for (const { name, attempt, progress, retry } of steps) {
          tally.add({ type: 'step-started', atMs: 0, step: name, attempt });
          if (progress) tally.add({ type: 'step-progress', atMs: 0, step: name, progress });
          if (retry !== null)
            tally.add({ type: 'step-retrying', atMs: 0, step: name, attempt, delayMs: 1e9, message: retry });
        }
        const lines = frame(tally, now, rows, look(n, colour, !colour));
        assert.ok(lines.length <= rows, `${lines.length} lines in ${rows} rows`);
        for (const line of lines) assert.ok(width(line) <= n, `${width(line)} > ${n}: ${line}`);
      },
    ),
  );
});

test.run();
