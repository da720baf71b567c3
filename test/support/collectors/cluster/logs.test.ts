// Which logs a collector wants, within which limits, and what becomes of those that cannot be had.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reach, Running } from '../../../../scripts/support/collectors/collector.ts';
import { LogFetcher } from '../../../../scripts/support/collectors/cluster/log-fetcher.ts';
import { collectUnhealthyLogs, logs } from '../../../../scripts/support/collectors/cluster/logs.ts';
import type { PodObject } from '../../../../scripts/support/collectors/cluster/lists.ts';
import { clusterDouble } from '../cluster-double.ts';

const test = suite('support/collectors/cluster/logs');

const pod = (name: string, spec: object, status: object = {}): PodObject =>
  ({ metadata: { name, namespace: 'n', uid: name }, spec, status }) as unknown as PodObject;
const restarted = (name: string, more: object): object => ({ name, restartCount: 0, ready: true, ...more });
const many = pod(
  'p',
  {
    containers: [{ name: 'main' }, { name: 'side' }],
    initContainers: [{ name: 'init' }],
    ephemeralContainers: [{ name: 'debug' }],
  },
  {
    containerStatuses: [restarted('main', { restartCount: 1 }), restarted('side', {})],
    initContainerStatuses: [restarted('init', { lastState: { terminated: {} } })],
    ephemeralContainerStatuses: [restarted('debug', { lastState: { running: {} } })],
  },
);

interface Options {
  pods?: PodObject[];
  only?: string;
  unhealthy?: unknown[];
  /** Text of a log by container; an error where there is none. */
  texts?: Record<string, string>;
  /** Whether a file is kept. */
  keeps?: (path: string) => boolean;
}

async function ran(
  specs: Record<string, unknown>[],
  { pods = [many], only, unhealthy = [], texts, keeps = () => true }: Options = {},
) {
  const { cluster, asked } = clusterDouble({
    'GET /api/v1/(namespaces/\\w+/)?pods': { metadata: {}, items: pods },
    'GET /api/v1/namespaces/n/pods/\\w+/log': ({ what }) => {
      const container = /container=(\w+)/.exec(what)?.[1] ?? '';
      const text = texts === undefined ? container : texts[container];
      if (text === undefined) throw new Error(`no log of ${container}`);
      return text;
    },
  });
  const files: Record<string, { newest: number | undefined }> = {};
  const links: Record<string, string> = {};
  const sink: Running['sink'] = {
    add({ path, newestBytes }) {
      if (!keeps(path)) return Promise.resolve(undefined);
      files[path] = { newest: newestBytes };
      return Promise.resolve(path);
    },
    link: (path, target) => void (links[path] = target),
  };
  const items = specs.map((spec) => ({ kind: 'logs', spec, host: false }));
  const reach = {
    ...cluster,
    only,
    logItems: items,
    unhealthy,
    logs: new LogFetcher(cluster.client as never, sink),
  } as unknown as Reach;
  const said = { notes: [] as string[], problems: [] as string[], progress: [] as string[] };
  const running = (item: object): Running =>
    ({
      item,
      sink,
      signal: new AbortController().signal,
      cluster: () => Promise.resolve(reach),
      now: () => new Date('2026-01-02T03:04:05.678Z'),
      note: (text: string) => said.notes.push(text),
      problem: (text: string) => said.problems.push(text),
      progress: (done: number, total: number) => said.progress.push(`${done}/${total}`),
    }) as unknown as Running;
  for (const item of items) await logs.run(running(item));
  return {
    files,
    links,
    ...said,
    running,
    asked: asked.map(({ what }) => what),
    queries: () => asked.flatMap(({ what }) => /\/log\?(.*)/.exec(what)?.[1] ?? []),
    logs: asked.filter(({ what }) => what.includes('/log?')).map(({ what }) => what.split('?')[1] ?? ''),
  };
}

test('all containers, or those that are named; earlier runs of those that had some', async () => {
  const all = await ran([{ name: 'a' }]);
  assert.equal(all.logs.map((query) => query.replace('&tailLines=10000', '')).sort(), [
    'container=debug',
    'container=init',
    'container=init&previous=true',
    'container=main',
    'container=main&previous=true',
    'container=side',
  ]);
  assert.is(all.links['a/p/main-previous.log'], 'cluster-resources/pods/logs/n/p/main-previous.log');
  assert.is(all.links['a/p/side.log'], 'cluster-resources/pods/logs/n/p/side.log');
  assert.equal(all.progress, ['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
  const named = await ran([{ name: 'a', containerNames: ['side'], timestamps: 'true' }]);
  assert.equal(named.logs, ['container=side&timestamps=true&tailLines=10000']);
  assert.equal((await ran([{ name: 'a', containerNames: ['side'], timestamps: 'false' }])).logs, [
    'container=side&tailLines=10000',
  ]);
  const bare = await ran([{}], { pods: [pod('q', { containers: [{ name: 'main' }] })] });
  assert.equal(Object.keys(bare.links), ['/q/main.log']);
});

test('limits: a time counts before an age, each of them before numbers, and what is none is the default', async () => {
  const cases: [limits: unknown, query: string, newest: number | undefined][] = [
    [undefined, 'tailLines=10000', undefined],
    [null, 'tailLines=10000', undefined],
    [{}, 'tailLines=10000', 5_000_000],
    [{ maxLines: 5 }, 'tailLines=5', 5_000_000],
    [{ maxLines: 0, maxBytes: 0 }, 'tailLines=10000', 5_000_000],
    [{ maxLines: -1, maxBytes: 7 }, 'tailLines=10000', 7],
    [{ maxAge: '1h', maxLines: 5 }, 'sinceTime=2026-01-02T02%3A04%3A05.000Z', undefined],
    [{ maxAge: 'soon', maxLines: 5 }, 'tailLines=5', 5_000_000],
    [{ sinceTime: '2026-01-01T00:00:00Z', maxAge: '1h', maxBytes: 7 }, 'sinceTime=2026-01-01T00%3A00%3A00Z', undefined],
  ];
  for (const [limits, query, newest] of cases) {
    const { logs: asked, files } = await ran([{ name: 'a', containerNames: ['side'], limits }]);
    assert.equal(asked, [`container=side&${query}`], JSON.stringify(limits));
    assert.is(Object.values(files)[0]?.newest, newest, JSON.stringify(limits));
  }
});

test('two collectors share one log, as long as the widest of what they want', async () => {
  const cases: [a: object, b: object, query: string, newest: number | undefined][] = [
    [{ maxLines: 5 }, { maxLines: 7, maxBytes: 9 }, '&tailLines=7', 5_000_000],
    [{ maxAge: '1h' }, { maxAge: '2h' }, '&sinceTime=2026-01-02T01%3A04%3A05.000Z', undefined],
    [{ maxAge: '2h' }, { maxAge: '1h' }, '&sinceTime=2026-01-02T01%3A04%3A05.000Z', undefined],
    [{ maxAge: '1h' }, { maxLines: 3 }, '', undefined],
  ];
  for (const [a, b, query, newest] of cases) {
    const one = { containerNames: ['side'] };
    const {
      logs: asked,
      links,
      files,
    } = await ran([
      { name: 'a', ...one, limits: a },
      { name: 'b', ...one, limits: b },
    ]);
    assert.equal(asked, [`container=side${query}`], JSON.stringify([a, b]));
    assert.equal(Object.keys(links), ['a/p/side.log', 'b/p/side.log']);
    assert.is(Object.values(files)[0]?.newest, newest);
  }
});

test('the namespace is that of the item, else the only one, else all of them', async () => {
  const pods = async (spec: object, only?: string): Promise<string | undefined> =>
    (await ran([{ name: 'a', ...spec }], only === undefined ? {} : { only })).asked[0]?.replace(/\?.*/, '');
  assert.is(await pods({}), 'GET /api/v1/pods');
  assert.is(await pods({}, 'o'), 'GET /api/v1/namespaces/o/pods');
  assert.is(await pods({ namespace: 'x' }, 'o'), 'GET /api/v1/namespaces/x/pods');
  assert.match((await ran([{ name: 'a', selector: ['app=web', 'b'] }])).asked[0] ?? '', /labelSelector=app%3Dweb%2Cb/);
  const rights = (spec: object, only: string) =>
    logs.rights?.({ kind: 'logs', spec, host: false } as never, only).map(({ namespace }) => namespace);
  assert.equal(rights({}, ''), [undefined, undefined]);
  assert.equal(rights({}, 'o'), ['o', 'o']);
  assert.equal(rights({ namespace: 'x' }, 'o'), ['x', 'x']);
});

test('no pod is a remark; a log that cannot be had is a problem and a file, and the others come', async () => {
  assert.equal((await ran([{ name: 'a' }], { pods: [] })).notes, ['no pods matched']);
  assert.equal((await ran([{ name: 'a' }])).notes, []);
  const lacking = await ran([{ name: 'a', containerNames: ['side', 'main'] }], { texts: { side: 'x' } });
  assert.equal(lacking.problems, ['n/p/main: no log of main', 'n/p/main: no log of main']);
  assert.ok('a/p/main-errors.json' in lacking.files);
  assert.equal(Object.keys(lacking.links), ['a/p/side.log']);
  const full = await ran([{ name: 'a', containerNames: ['side'] }], { keeps: (path) => path.startsWith('a/') });
  assert.equal(full.problems, ['n/p/side: cluster-resources/pods/logs/n/p/side.log was left out']);
});

test('pods that are not well: the end of what they write, errors but of earlier runs', async () => {
  const { running, logs: none } = await ran([], { unhealthy: [many, { metadata: {} }] });
  assert.equal(none, []);
  const world = await ran([], { unhealthy: [many], texts: { main: 'x', init: 'y' } });
  await collectUnhealthyLogs(world.running({}));
  const folder = 'cluster-resources/pods/logs/n/p';
  assert.equal(Object.keys(world.files).sort(), [
    `${folder}/debug-logs-errors.log`,
    `${folder}/init-previous.log`,
    `${folder}/init.log`,
    `${folder}/main-previous.log`,
    `${folder}/main.log`,
    `${folder}/side-logs-errors.log`,
  ]);
  assert.is(world.files[`${folder}/main.log`]?.newest, 5_000_000);
  assert.ok(world.queries().every((query) => query.endsWith('&tailLines=500') && !query.includes('timestamps')));
  await collectUnhealthyLogs(running({}));
});

test.run();
