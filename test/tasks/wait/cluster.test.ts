// Waits for objects of a cluster: from before there is a kubeconfig or a kind, by name and by selector, until they are gone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../scripts/host/execa.ts';
import { waitForCluster } from '../../../scripts/tasks/wait/cluster.ts';
import { answer, withKubeServer } from '../../doubles/kube-server.ts';
import { type World, createWorld, refusal } from '../world.ts';

const cluster = suite<World>('tasks: waits for a cluster');

cluster.before.each((context) => void Object.assign(context, createWorld()));
cluster.after.each((context) => context.close());

const pod = (name: string, phase: string) => ({
  metadata: { name, namespace: 'n', resourceVersion: '1' },
  status: { phase },
});

interface Asked {
  kind?: string;
  name?: string;
  namespace?: string;
  condition: string;
  /** Missed reasons after which something happens. */
  onMiss?: (why: string) => void;
  /** Objects that the server has. */
  items?: () => object[];
  hasKind?: () => boolean;
  /** Whether there is a kubeconfig from the beginning. */
  configured?: boolean;
}

/** How a wait ended, what it asked for, and which reasons it gave. */
async function waited(world: World, asked: Asked): Promise<{ end: string; missed: string[]; paths: string[] }> {
  const { kind = 'pod', name = 'a', namespace, condition, items = () => [], hasKind = () => true } = asked;
  const missed: string[] = [];
  const stop = new AbortController();
  const paths: string[] = [];
  let end = '';
  await withKubeServer(
    ({ path, query }, response) => {
      if (path === '/apis') return answer(response, 200, { items: [] });
      const resources = [
        { resource: 'pods', scope: 'Namespaced', responseKind: { kind: 'Pod' } },
        { resource: 'nodes', scope: 'Cluster', responseKind: { kind: 'Node' } },
      ];
      if (path === '/api')
        return answer(response, 200, {
          items: [{ metadata: {}, versions: [{ version: 'v1', resources: hasKind() ? resources : [] }] }],
        });
      if (query.get('watch') !== null) return;
      paths.push(`${path} ${query.get('labelSelector') ?? query.get('fieldSelector')}`);
      answer(response, 200, { metadata: { resourceVersion: '1' }, items: items() });
    },
    async ({ connection }) => {
      const config = {
        'current-context': 'c',
        clusters: [
          {
            name: 'c',
            cluster: {
              server: connection.server,
              'certificate-authority-data': Buffer.from(String(connection.ca)).toString('base64'),
            },
          },
        ],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'own' } }],
      };
      const file = join(world.folder, 'kubeconfig');
      const configure = (): void => writeFileSync(file, JSON.stringify(config));
      if (asked.configured !== false) configure();
      const wait = { kind, name, namespace, condition, env: { KUBECONFIG: file }, exec, signal: stop.signal };
      end = await refusal(
        waitForCluster({
          ...wait,
          onMiss(why) {
            missed.push(why);
            configure();
            asked.onMiss?.(why);
            if (missed.length > 3 || why.startsWith('Pod')) stop.abort(new Error('stopped'));
          },
        }),
      );
    },
  );
  return { end, missed, paths };
}

cluster('an object by its name, in the namespace of the context or the one that is given', async (world) => {
  const items = () => [pod('a', 'Running')];
  assert.equal(await waited(world, { condition: '', items }), {
    end: '',
    missed: [],
    paths: ['/api/v1/namespaces/own/pods metadata.name=a'],
  });
  const { paths } = await waited(world, { condition: '', items, namespace: 'other' });
  assert.equal(paths, ['/api/v1/namespaces/other/pods metadata.name=a']);
  assert.equal((await waited(world, { kind: 'node', condition: '', items })).paths, ['/api/v1/nodes metadata.name=a']);
});

cluster('all objects of a selector, at least one', async (world) => {
  for (const name of ['app=web', 'app!=web', 'app in (web)', 'app notin (web)']) {
    const { paths, missed, end } = await waited(world, {
      name,
      condition: '{.status.phase}=Running',
      items: () => [pod('a', 'Running'), pod('b', 'Pending')],
    });
    assert.equal(paths, [`/api/v1/namespaces/own/pods ${name}`]);
    assert.equal(missed, ['Pod n/b: {.status.phase} is Pending']);
    assert.is(end, 'stopped');
  }
});

cluster('deletion: an object that is there, one that is not, a kind that nobody has', async (world) => {
  assert.is((await waited(world, { condition: 'delete' })).end, '');
  assert.is((await waited(world, { condition: 'delete', hasKind: () => false })).end, '');
  const { missed } = await waited(world, { condition: 'delete', items: () => [pod('a', 'Running')] });
  assert.equal(missed, ['Pod n/a: still exists']);
});

cluster('a kubeconfig and a kind that come later; a condition that is none is refused at once', async (world) => {
  const items = () => [pod('a', 'Running')];
  const late = await waited(world, { condition: '', items, configured: false });
  assert.is(late.missed.length, 1);
  assert.is(late.end, '');
  let has = false;
  const kind = await waited(world, { condition: '', items, hasKind: () => has, onMiss: () => (has = true) });
  assert.equal(kind.missed, ['the cluster has no kind "pod"']);
  assert.is(kind.end, '');
  assert.match((await waited(world, { condition: '{.a b}' })).end, 'is no JSONPath that waits understand');
});

cluster('nothing that matches is named, by its name or its selector', async (world) => {
  const onMiss = (): never => {
    throw new Error('seen');
  };
  for (const [name, what] of [
    ['a', 'there is no Pod a'],
    ['app=web', 'there is no Pod with app=web'],
  ] as const) {
    const { missed } = await waited(world, { name, condition: '', onMiss });
    assert.is(missed[0], what);
  }
});

cluster.run();
