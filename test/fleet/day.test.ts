// A day of a fleet that is kept, its clock made to run: drift at random times is found within the window, and memory stays flat.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Runner } from '../../scripts/fleet/runner.ts';
import { FakeClock } from '../doubles/clock.ts';
import { type Spokes, startSpokes } from '../doubles/spokes.ts';
import { cluster, configMap, defaults, fleetOf, selectorSet } from './world.ts';

const test = suite('fleet/day');

const HOUR = 3_600_000;
const INTERVAL = 2 * HOUR;
const WINDOWS = 12;
const STEP = HOUR / 12;
const SPOKES = Array.from({ length: 10 }, (_, at) => `s${at}`);
const OBJECTS = Array.from({ length: 5 }, (_, at) => `day-${at}`);
const FOLDER = '/api/v1/namespaces/default/configmaps';

function draw(all: readonly string[]): string {
  return all[Math.floor(Math.random() * all.length)] ?? '';
}

interface Drift {
  spoke: string;
  name: string;
  at: number;
  foundAfter?: number;
}

/** Drift that was made and found. */
class Drifts {
  readonly all: Drift[] = [];

  constructor(readonly spokes: Spokes) {}

  /** Somebody deletes an object, or changes a field that is ours: a server then takes it out of our entry. */
  make(at: number): void {
    const [spoke, name] = [draw(SPOKES), draw(OBJECTS)];
    if (this.all.some((one) => one.spoke === spoke && one.name === name && one.foundAfter === undefined)) return;
    const state = this.spokes.spoke(spoke);
    const objects = state.objects.get(FOLDER);
    const found = objects?.get(name);
    assert.ok(objects && found, `${name} is on ${spoke}`);
    if (Math.random() < 0.5) objects.delete(name);
    else {
      const metadata = { ...found.metadata, resourceVersion: String(++state.revision), managedFields: [] };
      objects.set(name, { ...found, metadata, digest: 'drifted' });
    }
    this.all.push({ spoke, name, at });
  }

  look(now: number): void {
    for (const one of this.all) {
      if (one.foundAfter !== undefined) continue;
      const found = this.spokes.spoke(one.spoke).objects.get(FOLDER)?.get(one.name);
      if (found !== undefined && found['digest'] !== 'drifted') one.foundAfter = now - one.at;
    }
  }
}

async function quiet(runner: Runner): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 1));
  while (runner.load.running > 0 || runner.load.depth > 0);
}

/** MiB of the heap, and of all memory of this process: buffers and sessions live beside the heap. */
function memory(): { heap: number; rss: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20 };
}

test('twelve windows of two hours: every drift is found within 1.1 of them, and nothing grows', async () => {
  const spokes = await startSpokes();
  const clusters = SPOKES.map((name) => cluster(name, { ...spokes.connection, server: spokes.server(name) }));
  const resources = OBJECTS.map((name) => configMap(name, { k: 'v' }));
  const clock = new FakeClock();
  const stop = new AbortController();
  const fleet = fleetOf([selectorSet('day', { resources })], clusters);
  const runner = new Runner(fleet, { ...defaults, clock, intervalMs: INTERVAL });
  const running = runner.forever(stop.signal).catch(() => undefined);
  const drifts = new Drifts(spokes);
  const used: ReturnType<typeof memory>[] = [];
  const step = async (): Promise<void> => {
    clock.advance(STEP);
    await quiet(runner);
    drifts.look(clock.now());
  };
  try {
    await quiet(runner);
    for (let window = 0; window < WINDOWS; window++) {
      for (let at = 0; at < INTERVAL / STEP; at++) {
        if (at % 2 === 0) drifts.make(clock.now());
        await step();
      }
      used.push(memory());
    }
    // What drifted last has its window as well.
    for (let at = 0; at <= (1.1 * INTERVAL) / STEP; at++) await step();
  } finally {
    stop.abort(new Error('done'));
    await running;
    runner.close();
    await spokes.close();
  }
  assert.ok(drifts.all.length > 80, `${drifts.all.length} drifts`);
  assert.equal(
    drifts.all.filter(({ foundAfter }) => (foundAfter ?? Infinity) > 1.1 * INTERVAL + STEP),
    [],
  );
  // More looks than windows would be load for nothing.
  const passes = [...runner.records.values()].map((record) => record.passes);
  assert.ok(Math.max(...passes) <= WINDOWS + 3, `${Math.max(...passes)} passes`);
  const [, , third] = used;
  const last = used.at(-1);
  const shown = used.map(({ heap, rss }) => `${heap.toFixed(1)}/${rss.toFixed(0)}`).join(' ');
  assert.ok(third !== undefined && last !== undefined);
  assert.ok(last.heap < third.heap * 1.1 + 2, shown);
  assert.ok(last.rss < third.rss * 1.1 + 10, shown);
});

test.run();
