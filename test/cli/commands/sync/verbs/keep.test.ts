// `hoist sync --hub`: one pass over the fleet of a hub, what is written back to it, and what is said.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { answer, statusObject } from '../../../../doubles/kube-server.ts';
import { inlineKubeconfig } from '../../../../fleet/inline.ts';
import { type FleetPlace, createFleetPlace, setText } from '../fleet-place.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/keep');

const list = (items: unknown[]): object => ({ metadata: { resourceVersion: '1' }, items });
const deployment = (name: string): object => ({
  metadata: { namespace: 'f', name, uid: name, labels: { fleet: 'test' } },
  spec: { installed: true, clusterMetadata: { adminKubeconfigSecretRef: { name: 'kc' } } },
  status: { conditions: [{ type: 'Unreachable', status: 'False' }] },
});

/** What the hub has, whether the spoke refuses, and what was written to the hub. */
const hub = { sets: '', refuses: false, down: false, written: [] as string[], folder: '' };
test.before.each(async (context) => {
  Object.assign(hub, { sets: setText('one', '{k: v}'), refuses: false, down: false, written: [] });
  const place = await createFleetPlace(['hub'], {
    intercept(spoke, { method, path, query, body }, response) {
      const own = path.replace('/spokes/hub', '');
      if (spoke !== 'hub') {
        if (!hub.refuses || method !== 'PATCH' || !body.includes('"one"')) return false;
        answer(response, 403, statusObject(403, 'Forbidden', 'not allowed'));
        return true;
      }
      if (hub.down) {
        answer(response, 403, statusObject(403, 'Forbidden', 'nobody may'));
        return true;
      }
      if (query.get('watch') !== null) return true;
      if (method === 'GET' && own.endsWith('/clusterdeployments')) answer(response, 200, list([deployment('a')]));
      else if (method === 'GET' && own.endsWith('/selectorsyncsets'))
        answer(
          response,
          200,
          list(
            parseAllDocuments(hub.sets)
              .map((one) => one.toJS() as unknown)
              .filter((one) => one !== null),
          ),
        );
      else if (method === 'GET' && own.endsWith('/secrets/kc')) {
        const kubeconfig = inlineKubeconfig({ ...place.spokes.connection, server: place.spokes.server('a') });
        answer(response, 200, { data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') } });
      } else if (method === 'GET' && own.endsWith('s')) answer(response, 200, list([]));
      else if (method === 'GET') answer(response, 404, statusObject(404, 'NotFound', own));
      else {
        hub.written.push(`${method} ${own.replace(/.*\/namespaces/, '')}`);
        answer(response, 200, { metadata: { name: 'a', namespace: 'f', uid: 's', resourceVersion: '2' } });
      }
      return true;
    },
  });
  hub.folder = place.folder;
  Object.assign(context, place);
});
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

const HUB = ['--hub', 'hub', '--kubeconfig', 'kubeconfig', '--attempts', '1'];

test('each cluster is brought to what the hub says, and its status is written there', async ({ invoke, spokes }) => {
  const { code, stdout, error } = await invoke('sync', HUB);
  assert.equal([code, error], [0, '']);
  assert.match(stdout, '1 cluster');
  assert.is([...spokes.spoke('a').objects.values()].filter((all) => all.has('one')).length, 1);
  assert.equal(hub.written, ['POST /f/clustersyncs', 'PATCH /f/clustersyncs/a/status', 'PATCH /f/clustersyncleases/a']);
});

test('JSON: a line for a cluster that has ended, and the summary', async ({ invoke }) => {
  const { stdout } = await invoke('sync', [...HUB, '--output', 'json', '--quiet']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; state?: string });
  assert.equal(
    lines.map(({ type, state }) => `${type} ${state}`),
    ['cluster synced', 'sync undefined'],
  );
});

test('a dry run writes neither to the cluster nor to the hub', async ({ invoke }) => {
  const { error } = await invoke('sync', [...HUB, '--dry-run']);
  assert.is(error, '');
  assert.equal(hub.written, []);
});

test('what fails is the code 3, and so is a set that does not say where it is for', async ({ invoke }) => {
  hub.refuses = true;
  const { code, stdout } = await invoke('sync', HUB);
  assert.is(code, 3);
  assert.match(stdout, 'not allowed');
  hub.refuses = false;
  hub.sets =
    setText('one', '{k: v}') +
    setText('lost', '{}').replace(/ {2}clusterDeploymentSelector.*\n/, '  clusterDeploymentSelector: [a]\n');
  const aimless = await invoke('sync', HUB);
  assert.is(aimless.code, 3);
  assert.match(aimless.stderr, 'lost');
});

test('a rollout over the fleet of a hub; names that are none', async ({ invoke }) => {
  const rolled = await invoke('sync', [...HUB, '--rollout', '1']);
  assert.equal([rolled.code, rolled.error], [0, '']);
  assert.match((await invoke('sync', ['set.yaml', ...HUB])).error, 'sets and clusters come from the hub');
  assert.match((await invoke('sync', [...HUB, '--shard', 'No Name'])).error, '--shard must be a DNS label');
});

test('a hub that cannot be read is the code 3 of everything that looks at its clusters', async ({ invoke }) => {
  hub.down = true;
  const where = HUB.slice(0, 4);
  for (const args of [where, [...where, '--watch'], ['diff', ...where], ['status', ...where]]) {
    const { code, error } = await invoke('sync', args);
    assert.match(error, /the hub cannot be read: .*nobody may/, args.join(' '));
    assert.is(code, 3, args.join(' '));
  }
});

test('kept, it says where its page is and what changes, until it is interrupted', async ({ invoke, write }) => {
  write('token', 'a-token-of-sixteen-characters\n');
  const page = ['--listen', '127.0.0.1:0', '--token-file', 'token'];
  const { code, stdout, stderr } = await invoke('sync', [...HUB.slice(0, 4), '--watch', ...page], {}, / synced: /);
  assert.is(code, 130);
  assert.match(stdout, /^\S+T\S+Z f\/a synced: 1 change$/m);
  assert.match(stderr, /^page and metrics at http:\/\/127\.0\.0\.1:\d+/m);
});

const FILES = ['set.yaml', '--kubeconfig', 'kubeconfig', '--context', 'hub,fleet=test', '--watch'];

test('files that are kept: clusters that change or fail are lines, others only for those who ask', async ({
  invoke,
  write,
}) => {
  write('kubeconfig', readFileSync(join(hub.folder, 'kubeconfig'), 'utf8').replaceAll('spokes/hub', 'spokes/other'));
  write('set.yaml', setText('one', '{k: v}'));
  const watch = (until: RegExp, ...more: string[]) => invoke('sync', [...FILES, ...more], {}, until);
  const first = await watch(/synced: /);
  assert.is(first.code, 130);
  assert.match(first.stdout, ' contexts/hub synced: 1 change\n');
  assert.match((await watch(/synced: /, '--verbose')).stdout, ' contexts/hub synced: 0 changes\n');
  const served = await watch(/page and metrics/, '--listen', '0');
  assert.equal([served.code, served.stdout], [130, '']);
  assert.match((await watch(/synced/, '--output', 'json')).stdout, /^\{"type":"cluster",.*"state":"synced",/m);
  hub.refuses = true;
  write('set.yaml', setText('one', '{k: w}'));
  assert.match((await watch(/failed/)).stdout, / contexts\/hub failed: .*not allowed/);
});

test.run();
