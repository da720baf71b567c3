// A run of collectors: no failure loses what others found, each ends in its time, and all of them when the run is stopped.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InterruptedError, TimeoutError } from '../../../scripts/base/errors.ts';
import type { Collector, Running } from '../../../scripts/support/collectors/collector.ts';
import type { PlannedItem, SkippedItem } from '../../../scripts/support/plan/collect-plan.ts';
import { type CollectInputs, type Collected, collect, stoppedCode } from '../../../scripts/support/run/collect.ts';
import { FakeClock } from '../../doubles/clock.ts';

const runs = suite('support/run/collect');

type Work = (running: Running) => Promise<void> | void;

const planned = (
  step: string,
  run: Work,
  more: Partial<PlannedItem> & { spec?: object; host?: boolean; kind?: string } = {},
): PlannedItem => {
  const { spec = {}, host = false, kind = 'test', ...rest } = more;
  const place = { file: 's.yaml', line: 3, column: 7 };
  return {
    step,
    title: step,
    item: { kind, host, spec: spec as Record<string, unknown>, place, placeOf: () => place },
    collector: { claim: () => undefined, run: async (running) => run(running) } satisfies Collector,
    lane: host ? 'host' : 'cluster',
    suffix: '',
    timeoutMs: 1_000,
    needs: [],
    ...rest,
  };
};

/** On a clock that a test moves, or on one that stands still. */
function start(
  items: readonly PlannedItem[],
  more: Partial<CollectInputs> & { skipped?: readonly SkippedItem[] } = {},
): { done: Promise<Collected>; clock: FakeClock } {
  const clock = new FakeClock();
  const { skipped = [], ...rest } = more;
  const done = collect({
    plan: { items, skipped, problems: [] },
    sink: { add: ({ path }) => Promise.resolve(path), link: () => undefined },
    reach: () => Promise.reject(new Error('no cluster')),
    host: { exec: () => Promise.reject(new Error('none')), env: {}, root: '/' },
    clock,
    now: () => new Date(0),
    random: () => 0,
    concurrency: 4,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    subscribers: [],
    forbidden: () => Promise.resolve(new Map()),
    ...rest,
  });
  return { done, clock };
}

const hangs: Work = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const outcomes = ({ reports }: Collected): string[] => reports.map(({ title, outcome }) => `${title} ${outcome}`);

runs('each item has a report with its files, remarks, problems and place', async () => {
  const { done } = start(
    [
      planned('a', async ({ sink, note }) => {
        await sink.add({ path: 'x.txt', content: Buffer.from('') });
        sink.link('y.txt', 'x.txt');
        note('a remark');
      }),
      planned('b', ({ problem }) => problem('something is missing'), { host: true }),
      planned('c', () => Promise.reject(new Error('broken')), { spec: { name: 'n', collectorName: 'm' } }),
    ],
    {
      skipped: [
        { title: 'd', item: planned('d', () => undefined).item, reason: 'excluded', message: 'the spec excludes it' },
      ],
    },
  );
  const { reports, failures, stopped } = await done;
  assert.equal(outcomes({ reports, failures }), ['a ok', 'b partial', 'c failed', 'd excluded']);
  const [a, b, c, d] = reports;
  assert.equal([a?.files, a?.notes, a?.problems, a?.place, a?.startedMs], [2, ['a remark'], [], 's.yaml:3:7', 0]);
  assert.equal(
    [b?.problems, b?.host, c?.problems, d?.problems, d?.startedMs],
    [['something is missing'], true, ['broken'], ['the spec excludes it'], undefined],
  );
  assert.equal(
    failures.map(({ collector, reason, name, names, message }) => [collector, reason, name, names, message]),
    [
      ['d', 'excluded', undefined, [], 'the spec excludes it'],
      ['c', 'failed', 'm', ['n', 'm'], 'broken'],
    ],
  );
  assert.is(stopped, undefined);
});

runs('a file that was left out is a problem, one under another name a remark', async () => {
  const answers: Record<string, string | undefined> = { 'a.txt': undefined, 'b.txt': 'b-2.txt', '../c.txt': 'c.txt' };
  const sink = { add: ({ path }: { path: string }) => Promise.resolve(answers[path]), link: () => undefined };
  const work: Work = async (running) => {
    for (const path of Object.keys(answers)) await running.sink.add({ path, content: Buffer.from('') });
  };
  const [report] = (await start([planned('a', work)], { sink }).done).reports;
  assert.equal([report?.outcome, report?.files], ['partial', 2]);
  assert.equal(report?.problems, ['a.txt was left out']);
  assert.equal(report?.notes, ['a file stands at b-2.txt: its own name is taken, or was redacted']);
});

runs('what is not allowed is not run, but on the own machine; where that is unknown, all is', async () => {
  const ran: string[] = [];
  const items = () => [planned('a', () => void ran.push('a')), planned('b', () => void ran.push('b'), { host: true })];
  const forbidden = () =>
    Promise.resolve(
      new Map([
        ['a', 'may not list pods'],
        ['b', 'no'],
      ]),
    );
  const { reports, failures } = await start(items(), { forbidden }).done;
  assert.equal(outcomes({ reports, failures }), ['a forbidden', 'b ok']);
  assert.equal([reports[0]?.problems, ran], [['may not list pods'], ['b']]);
  const unknown = await start(items(), { forbidden: () => Promise.reject(new Error('no')) }).done;
  assert.equal(outcomes(unknown), ['a ok', 'b ok']);
});

runs('time: one that ends when it is asked to, one that does not, and the others', async () => {
  const { done, clock } = start([
    planned('polite', hangs, { timeoutMs: 500 }),
    planned('deaf', () => new Promise(() => undefined), { timeoutMs: 500 }),
    planned('quick', () => undefined),
    planned('after', () => undefined, { needs: ['polite', 'deaf'] }),
  ]);
  await turns();
  clock.advance(499);
  await turns();
  clock.advance(1);
  await turns();
  clock.advance(2_999);
  await turns();
  clock.advance(1);
  const { reports, failures, stopped } = await done;
  assert.equal(outcomes({ reports, failures }), ['polite timeout', 'deaf timeout', 'quick ok', 'after ok']);
  assert.equal(
    reports.map(({ startedMs, endedMs }) => [startedMs, endedMs]),
    [
      [0, 500],
      [0, 3_500],
      [0, 0],
      [3_500, 3_500],
    ],
  );
  assert.equal(reports[0]?.problems, ['took longer than 0.5 s']);
  assert.is(stopped, undefined);
});

runs('the time of the run and an interruption end all that runs and all that waits', async () => {
  const items = () => [planned('a', hangs, { timeoutMs: 60_000 }), planned('b', () => undefined, { needs: ['a'] })];
  const late = start(items());
  await turns();
  late.clock.advance(10_000);
  const over = await late.done;
  assert.equal(outcomes(over), ['a timeout', 'b timeout']);
  assert.match(String(over.stopped), 'collecting took longer than 10 s in all');
  assert.is(stoppedCode(over.stopped), 124);
  const stop = new AbortController();
  const cut = start(items(), { signal: stop.signal });
  await turns();
  stop.abort(new InterruptedError('SIGINT'));
  const ended = await cut.done;
  assert.equal(outcomes(ended), ['a cancelled', 'b cancelled']);
  assert.is(stoppedCode(ended.stopped), 130);
  const before = await start(items(), { signal: AbortSignal.abort(new InterruptedError('SIGTERM')) }).done;
  assert.equal(outcomes(before), ['a cancelled', 'b cancelled']);
  assert.is(stoppedCode(new TimeoutError('x')), 124);
  assert.is(stoppedCode(new Error('x')), undefined);
});

runs('no more collectors of the cluster at once than asked for; those of the machine run apart', async () => {
  let active = 0;
  let most = 0;
  let host = 0;
  const work: Work = async () => {
    most = Math.max(most, ++active);
    await turns();
    active--;
  };
  const all = Array.from({ length: 6 }, (_, at) => planned(`c${at}`, work));
  const own = planned('h', () => void (host = active), { host: true });
  await start([...all, own], { concurrency: 2 }).done;
  assert.is(most, 2);
  assert.ok(host <= 2);
  const waiting = start([planned('x', hangs, { timeoutMs: 100 }), own], { concurrency: 1 });
  await turns();
  waiting.clock.advance(100);
  const { reports } = await waiting.done;
  assert.is(reports[1]?.endedMs, 0, 'it has not waited for a place');
});

runs('after a snapshot the logs of pods that are not well follow, and count for it', async () => {
  const snapshot = planned('s', () => undefined, { kind: 'clusterResources', lane: 'first' });
  const asked: string[] = [];
  const reach = () => {
    asked.push('reached');
    return Promise.reject(new Error('no cluster'));
  };
  const good = await start([snapshot], { reach }).done;
  assert.equal(outcomes(good), ['s ok']);
  assert.equal(asked, ['reached']);
  const broken = planned('s', () => Promise.reject(new Error('x')), { kind: 'clusterResources', lane: 'first' });
  await start([broken], { reach }).done;
  await start([planned('a', () => undefined)], { reach }).done;
  assert.equal(asked, ['reached']);
});

runs.run();
