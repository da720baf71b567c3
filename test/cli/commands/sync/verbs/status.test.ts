// `hoist sync status`: what the hub says of its clusters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer } from '../../../../doubles/kube-server.ts';
import { type FleetPlace, createFleetPlace } from '../fleet-place.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/status');

const list = (items: object[]): object => ({ metadata: { resourceVersion: '1' }, items });
const named = (name: string, more: object = {}): object => ({ metadata: { namespace: 'f', name }, ...more });
const failed = (status: string, message: string): object => ({
  status: {
    syncSets: [{ name: 'a' }],
    selectorSyncSets: [{ name: 'b' }, { name: 'c' }],
    conditions: [
      { type: 'Other', status: 'True', message: 'x' },
      { type: 'Failed', status, message },
    ],
  },
});
let clusters = ['good', 'bad', 'new'];
let selecting = ['b', 'c'];
test.before.each(async (context) => {
  clusters = ['good', 'bad', 'new'];
  selecting = ['b', 'c'];
  const place = await createFleetPlace(['hub'], {
    intercept(_spoke, { path }, response) {
      if (path.endsWith('/clusterdeployments')) answer(response, 200, list(clusters.map((name) => named(name))));
      else if (path.endsWith('/clustersyncs'))
        answer(
          response,
          200,
          list([
            named('good', failed('False', 'all applied')),
            named('bad', failed('True', 'SyncSet a is failing')),
            named('new', { status: {} }),
          ]),
        );
      else if (path.endsWith('/clustersyncleases'))
        answer(response, 200, list([named('bad', { spec: { renewTime: '2026-01-01T00:00:00Z' } })]));
      else if (path.endsWith('/selectorsyncsets'))
        answer(response, 200, list(selecting.map((name) => ({ metadata: { name } }))));
      else if (path.endsWith('/syncsets')) answer(response, 200, list([named('a')]));
      else return false;
      return true;
    },
  });
  Object.assign(context, place);
});
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

const HUB = ['--hub', 'hub', '--kubeconfig', 'kubeconfig'];

test('those that are not synced, or all of them, and how many', async ({ invoke }) => {
  const { code, stdout, error } = await invoke('sync', ['status', ...HUB]);
  assert.equal([code, error], [3, '']);
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, 3);
  assert.match(lines[0] ?? '', /f\/bad {2}SyncSet a is failing {2}verified 2026-01-01T00:00:00Z$/);
  assert.match(lines[1] ?? '', /f\/new {2}was never looked at: not installed$/);
  assert.is(lines[2], '3 clusters: 1 synced, 0 held, 1 failed, 1 never looked at');
  assert.match((await invoke('sync', ['status', ...HUB, '--verbose'])).stdout, 'f/good  all applied');
});

test('the clusters that are named; a fleet that is synced is the code 0', async ({ invoke }) => {
  const one = await invoke('sync', ['status', 'f/bad', ...HUB]);
  assert.match(one.stdout, '1 cluster: 0 synced, 0 held, 1 failed, 0 never looked at');
  assert.is((await invoke('sync', ['status', 'f/good', ...HUB])).code, 0);
  clusters = [];
  assert.is((await invoke('sync', ['status', ...HUB])).code, 0);
});

test('a set that is gone and still has to delete something is held: the code of a run that holds', async ({
  invoke,
}) => {
  clusters = ['good'];
  selecting = ['c'];
  const { code, stdout } = await invoke('sync', ['status', ...HUB]);
  assert.is(code, 4);
  assert.match(stdout, /f\/good {2}deletions are held, of SelectorSyncSet\/b\n1 cluster: 0 synced, 1 held, 0 failed/);
});

test('JSON for programs', async ({ invoke }) => {
  const { stdout } = await invoke('sync', ['status', ...HUB, '--output', 'json']);
  const { type, clusters: rows } = JSON.parse(stdout) as { type: string; clusters: object[] };
  assert.is(type, 'sync-status');
  assert.equal(rows[0], { cluster: 'f/good', state: 'synced', message: 'all applied', sets: 3 });
  assert.equal(rows[2], { cluster: 'f/new', state: 'never', message: 'was never looked at: not installed', sets: 0 });
});

test.run();
