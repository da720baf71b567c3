// What the page of a bundle is given of it: what is wrong first, and nothing that is too long for a page.

import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PageInputs, pageData } from '../../../scripts/support/page/data.ts';

const pages = suite('support/page/data');

type Files = Record<string, string | { link: string } | { size: number }>;

function storeOf(files: Files): PageInputs['store'] {
  const content = (path: string): string => (typeof files[path] === 'string' ? files[path] : '');
  return {
    list: () => Object.keys(files),
    read: (path) => Promise.resolve(Buffer.from(content(path))),
    sizeOf(path) {
      const file = files[path];
      return typeof file === 'object' && 'size' in file ? file.size : Buffer.byteLength(content(path));
    },
    targetOf(path) {
      const file = files[path];
      return typeof file === 'object' && 'link' in file ? file.link : undefined;
    },
    stream: (path) => Readable.from([...content(path).matchAll(/[^]{1,5000}/g)].map(([chunk]) => Buffer.from(chunk))),
  };
}

const dataOf = (files: Files = {}, more: Partial<PageInputs> = {}) =>
  pageData({
    name: 'b',
    madeAt: new Date('2026-01-02T03:04:05.678Z'),
    wallMs: 1.6,
    stopped: undefined,
    results: [],
    collectors: [],
    leftOut: [],
    store: storeOf(files),
    ...more,
  });
const ROOT = 'cluster-resources';
const items = (...list: unknown[]): string => JSON.stringify({ items: list });
const pod = (name: string, ready: boolean) => ({
  metadata: { name, namespace: 'n', creationTimestamp: 'then' },
  status: { phase: 'Running', containerStatuses: [{ ready, restartCount: 0 }] },
});

pages('objects of the kinds that people look at first, those with something wrong before others', async () => {
  const { objects, notes } = await dataOf({
    [`${ROOT}/pods/n.json`]: items(pod('good', true), null, pod('bad', false)),
    [`${ROOT}/nodes.json`]: JSON.stringify([{ metadata: { name: 7 } }, {}]),
    [`${ROOT}/nodes.txt`]: 'no json',
    [`${ROOT}/pods/n.txt`]: 'no json',
    [`${ROOT}/podsmore/n.json`]: 'no json',
    [`${ROOT}/secrets/n.json`]: 'no json',
    [`other/pods/n.json`]: 'no json',
    [`${ROOT}/services/n.json`]: 'no json',
    [`${ROOT}/deployments/n.json`]: '{"items": 3}',
    [`${ROOT}/jobs/n.json`]: 'null',
    [`${ROOT}/cronjobs/n.json`]: { size: (16 << 20) + 1 },
    [`${ROOT}/ingress/n.json`]: { size: 16 << 20 },
  });
  const bad = objects.filter((one) => one.bad);
  assert.equal(objects.slice(0, bad.length), bad);
  assert.equal(bad.find(({ kind }) => kind === 'Pod')?.name, 'bad');
  const good = objects.find(({ name }) => name === 'good');
  assert.equal([good?.kind, good?.namespace, good?.created], ['Pod', 'n', 'then']);
  assert.is(objects.filter(({ kind, name }) => kind === 'Node' && name === '').length, 2);
  assert.equal([...notes].sort(), [
    `${ROOT}/cronjobs/n.json is too long for this page`,
    `${ROOT}/ingress/n.json is no JSON`,
    `${ROOT}/jobs/n.json is no JSON`,
    `${ROOT}/services/n.json is no JSON`,
  ]);
});

pages('events, the newest first, by the time that they have', async () => {
  const event = (more: object) => ({
    metadata: { namespace: 'n', creationTimestamp: '1' },
    type: 'Warning',
    reason: 'R',
    message: 'm',
    ...more,
  });
  const { events } = await dataOf({
    [`${ROOT}/events/n.json`]: items(
      event({ eventTime: '2' }),
      event({ lastTimestamp: '3', eventTime: '9', count: 4, involvedObject: { kind: 'Pod', name: 'p' } }),
      event({ count: '5' }),
      {},
    ),
  });
  assert.equal(
    events.map(({ at, count }) => `${at} ${count}`),
    ['3 4', '2 1', '1 1', ' 1'],
  );
  assert.equal(events[0], {
    at: '3',
    type: 'Warning',
    namespace: 'n',
    object: 'Pod/p',
    reason: 'R',
    message: 'm',
    count: 4,
  });
});

pages('no more than 5000 rows, the others are counted', async () => {
  const many = (count: number): string => items(...Array.from({ length: count }, () => ({})));
  const short = await dataOf({ [`${ROOT}/nodes.json`]: many(5_000), [`${ROOT}/events/n.json`]: many(5_000) });
  assert.equal([short.objects.length, short.events.length, short.notes], [5_000, 5_000, []]);
  const long = await dataOf({ [`${ROOT}/nodes.json`]: many(5_002), [`${ROOT}/events/n.json`]: many(5_001) });
  assert.equal([long.objects.length, long.events.length], [5_000, 5_000]);
  assert.equal(long.notes, ["2 more objects are in the bundle's files", "1 more events are in the bundle's files"]);
});

pages('the ends of logs, from the start of a line, as many as there is room for', async () => {
  const line = `${'x'.repeat(99)}\n`;
  const { logs, notes } = await dataOf({
    'a.log': 'short\n',
    'b.log': line.repeat(200),
    'c.log': line.slice(0, 64).repeat(256),
    'empty.log': '',
    'link.log': { link: 'a.log' },
    'a.txt': 'none',
  });
  assert.equal(
    logs.map(({ path, size, end }) => [path, size, end.length]),
    [
      ['a.log', 6, 6],
      ['b.log', 20_000, 16_300],
      ['c.log', 16_384, 16_384],
    ],
  );
  assert.match(logs[1]?.end ?? '', /^x{99}\n/);
  assert.equal(notes, ["1 more logs are in the bundle's files"]);
  const full = await dataOf(
    Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`${at}.log`, 'x'.repeat(16 << 10)])),
  );
  assert.is(full.logs.length, 128);
  assert.equal(full.notes, ["2 more logs are in the bundle's files"]);
});

pages('checks by how bad they are, collectors in whole ms, what was left out, why it ended', async () => {
  const place = { file: 'a', line: 1, column: 1 };
  const check = (outcome: 'pass' | 'warn' | 'fail', uri?: string) => ({
    outcome,
    title: outcome,
    message: 'm',
    kind: 'k',
    host: false,
    place,
    uri,
  });
  const collector = {
    title: 't',
    kind: 'k',
    host: false,
    place: '',
    outcome: 'ok' as const,
    files: 1,
    notes: ['n'],
    problems: ['p'],
  };
  const data = await dataOf(
    {},
    {
      results: [check('pass'), check('fail', 'https://x'), check('warn')],
      collectors: [collector, { ...collector, startedMs: 1.4, endedMs: 2.6 }],
      leftOut: [{ path: 'x', reason: 'too long' }],
      stopped: new Error('interrupted'),
    },
  );
  assert.equal(
    data.checks.map(({ outcome, uri }) => `${outcome} ${uri}`),
    ['fail https://x', 'warn ', 'pass '],
  );
  assert.equal(
    data.collectors.map(({ startedMs, endedMs, words }) => [startedMs, endedMs, ...words]),
    [
      [undefined, undefined, 'n', 'p'],
      [1, 3, 'n', 'p'],
    ],
  );
  assert.equal(
    [data.notes, data.stopped, data.wallMs, data.madeAt],
    [['x was left out: too long'], 'interrupted', 2, '2026-01-02T03:04:05.678Z'],
  );
  assert.is((await dataOf()).stopped, '');
});

pages.run();
