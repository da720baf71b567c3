// `hoist sync FILES`: one pass, what is said of it, and its code.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../../../doubles/kube-server.ts';
import { type FleetPlace, createFleetPlace, setText } from '../fleet-place.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/once');
const refused = new Set<string>();
test.before.each(async (context) => {
  refused.clear();
  const place = await createFleetPlace(['a', 'b'], {
    intercept(spoke, { method, body }, response) {
      if (!refused.has(spoke) || method !== 'PATCH' || !body.includes('"one"')) return false;
      answer(response, 403, statusObject(403, 'Forbidden', 'not allowed'));
      return true;
    },
  });
  Object.assign(context, place);
  context.write('set.yaml', setText('one', '{k: v}'));
});
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

const jsonLines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('text for people: a summary, and no line of a cluster', async ({ invoke, contexts, spokes }) => {
  const { code, stdout, error } = await invoke('sync', ['set.yaml', ...contexts]);
  assert.equal([code, error], [0, '']);
  assert.match(stdout, '2 clusters');
  assert.not.match(stdout, '"type"');
  assert.ok(spokes.spoke('a').writes > 0);
});

test('JSON: a line for each cluster when it has ended, and one for all of them', async ({ invoke, contexts }) => {
  const { stdout, stderr } = await invoke('sync', ['set.yaml', ...contexts, '--output', 'json']);
  const lines = jsonLines(stdout);
  assert.equal(
    lines.map(({ type }) => type),
    ['cluster', 'cluster', 'sync'],
  );
  assert.equal(
    lines
      .slice(0, 2)
      .map(({ cluster, state }) => `${String(cluster)} ${String(state)}`)
      .sort(),
    ['contexts/a synced', 'contexts/b synced'],
  );
  assert.is(stderr, '');
});

test('a cluster that fails is the code 3, and its reason is shown; --quiet shows no progress', async ({
  invoke,
  contexts,
}) => {
  refused.add('b');
  const { code, stdout } = await invoke('sync', ['set.yaml', ...contexts, '--attempts', '1']);
  assert.is(code, 3);
  assert.match(stdout, 'not allowed');
  const quiet = await invoke('sync', ['set.yaml', ...contexts, '--attempts', '1', '--quiet']);
  assert.equal([quiet.code, quiet.stderr], [3, '']);
});

test('waves of a rollout are said as they end, and a failed one stops it', async ({ invoke, contexts }) => {
  const good = await invoke('sync', ['set.yaml', ...contexts, '--rollout', '1']);
  assert.equal([good.code, good.error], [0, '']);
  refused.add('a').add('b');
  const bad = await invoke('sync', ['set.yaml', ...contexts, '--rollout', '1', '--attempts', '1']);
  assert.is(bad.code, 3);
  assert.match(bad.stdout, '1 of 1 clusters failed, more than 0');
  const json = await invoke('sync', ['set.yaml', ...contexts, '--rollout', '1', '--attempts', '1', '--output', 'json']);
  assert.match(
    String(jsonLines(json.stdout).at(-1)?.['stopped']),
    '1 of 1 clusters failed, more than 0; 1 cluster left as before',
  );
});

test('files without a set, or without a cluster', async ({ invoke, contexts, write }) => {
  write('none.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n');
  assert.match(
    (await invoke('sync', ['none.yaml', ...contexts])).error,
    'the files hold no SyncSet and no SelectorSyncSet',
  );
  assert.match((await invoke('sync', ['set.yaml'])).error, 'there is no cluster');
});

test.run();
