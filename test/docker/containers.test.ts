// What an engine is asked for about containers, and which of its refusals are fine.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  containerLog,
  limitContainer,
  listContainers,
  memoryHeld,
  processesIn,
  removeContainer,
  startContainer,
  stopContainer,
} from '../../scripts/docker/containers.ts';
import { type AnsweringEngine, startEngine, statusOf, stopEngine } from './answering.ts';

const containers = suite<AnsweringEngine>('containers of an engine');
containers.before.each(startEngine);
containers.after.each(stopEngine);

containers('the memory that is held, in the words of both cgroup versions; one sample, at once', async (context) => {
  const held = (stats: object): Promise<number> => {
    context.answer = [200, stats];
    return memoryHeld(context.engine, 'a/b');
  };
  assert.is(await held({ memory_stats: { stats: { anon: 7, total_rss: 9 } } }), 7);
  assert.is(await held({ memory_stats: { stats: { total_rss: 9 } } }), 9);
  assert.is(await held({ memory_stats: {} }), 0);
  assert.is(await held({}), 0);
  // Without `one-shot` the engine takes a second sample, a second later.
  assert.is(context.asked[0], 'GET /containers/a/b/stats?stream=false&one-shot=true');
});

containers('limits: only those that are given, and no swap beyond the memory', async (context) => {
  context.answer = [200, null];
  const body = async (limits: Parameters<typeof limitContainer>[2]): Promise<unknown> => {
    await limitContainer(context.engine, 'c', limits);
    return JSON.parse(context.asked.at(-1)?.replace(/^\S+ \S+ /, '') ?? '');
  };
  assert.equal(await body({ memoryBytes: 5 }), { Memory: 5, MemorySwap: 5 });
  assert.equal(await body({ cpus: 1.5 }), { NanoCpus: 1_500_000_000 });
  assert.equal(await body({ memoryBytes: 0, cpus: 0 }), { Memory: 0, MemorySwap: 0, NanoCpus: 0 });
});

containers(
  'one that is gone is stopped and removed, and one that is being removed too; others are refusals',
  async (context) => {
    const { engine } = context;
    const all = async (status: number): Promise<(number | undefined)[]> => {
      context.answer = [status, { message: 'no' }];
      return [
        await statusOf(stopContainer(engine, 'c', 3)),
        await statusOf(removeContainer(engine, 'c')),
        await statusOf(startContainer(engine, 'c')),
      ];
    };
    assert.equal(await all(404), [undefined, undefined, 404]);
    assert.equal(await all(409), [409, undefined, 409]);
    assert.equal(await all(500), [500, 500, 500]);
    assert.equal(context.asked.slice(0, 3), [
      'POST /containers/c/stop?t=3',
      'DELETE /containers/c?force=true&v=true',
      'POST /containers/c/start',
    ]);
  },
);

containers('what runs in one, by the last column; an engine that says nothing has nothing', async (context) => {
  context.answer = [200, { Processes: [['1', 'k3s server'], ['2', 'sh'], []] }];
  assert.equal(await processesIn(context.engine, 'c'), ['k3s server', 'sh', '']);
  context.answer = [200, { Processes: null }];
  assert.equal(await processesIn(context.engine, 'c'), []);
});

containers('a container without a name or labels', async (context) => {
  context.answer = [200, [{ Id: '1', Names: [], Image: 'i', State: 'created', Labels: { a: 'b' } }]];
  assert.equal(await listContainers(context.engine, {}), [
    { id: '1', name: '', image: 'i', state: 'created', labels: { a: 'b' } },
  ]);
});

containers('logs are both streams, from a moment on, and as many lines as are wanted', async (context) => {
  context.answer = [200, null];
  const asked = async (options: Parameters<typeof containerLog>[2]): Promise<string> => {
    const lines: string[] = [];
    for await (const line of containerLog(context.engine, 'c', options)) lines.push(line);
    assert.equal(lines, ['null']);
    return context.asked.at(-1)?.replace(/^.*\?/, '') ?? '';
  };
  assert.is(await asked({ follow: false }), 'stdout=true&stderr=true&follow=false&timestamps=false&tail=all');
  assert.is(
    await asked({ follow: true, timestamps: true, tail: 0, since: 1500 }),
    'stdout=true&stderr=true&follow=true&timestamps=true&tail=0&since=1.5',
  );
});

containers.run();
