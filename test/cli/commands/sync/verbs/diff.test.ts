// `hoist sync diff`: what a pass would change, in text and JSON, and the code that says whether there is something.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../../../doubles/kube-server.ts';
import { type FleetPlace, createFleetPlace, setText } from '../fleet-place.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/diff');

/** Whether writing is refused, and whether anything was written for good. */
const state = { refuses: false, written: 0 };
test.before.each(async (context) => {
  Object.assign(state, { refuses: false, written: 0 });
  const place = await createFleetPlace(['a'], {
    intercept(_spoke, { method, query, body, path }, response) {
      if (method === 'GET') return false;
      if (query.get('dryRun') !== 'All' && !body.includes('dryRun')) {
        if (!path.includes('kube-system')) state.written++;
        return false;
      }
      if (state.refuses) answer(response, 403, statusObject(403, 'Forbidden', 'not allowed'));
      else {
        const sent = JSON.parse(body) as { metadata: { name: string } };
        const stored = [...place.spokes.spoke('a').objects.values()].flatMap(
          (all) => all.get(sent.metadata.name) ?? [],
        )[0];
        answer(response, 200, { ...stored, ...sent, metadata: { ...stored?.metadata, ...sent.metadata } });
      }
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

test('differences are the code 1, none are 0, and nothing is written', async ({ invoke, contexts }) => {
  const first = await invoke('sync', ['diff', 'set.yaml', ...contexts]);
  assert.equal([first.code, first.error], [1, '']);
  assert.match(first.stdout, 'ConfigMap');
  assert.is(state.written, 0);
  const json = await invoke('sync', ['diff', 'set.yaml', ...contexts, '--output', 'json']);
  const found = JSON.parse(json.stdout) as { type: string; changes: unknown[]; failed: unknown[] };
  assert.equal([found.type, found.changes.length, found.failed.length], ['sync-diff', 1, 0]);
  assert.is((await invoke('sync', ['set.yaml', ...contexts])).code, 0);
  const same = await invoke('sync', ['diff', 'set.yaml', ...contexts]);
  assert.equal([same.code, same.error], [0, '']);
});

test('what could not be found out is the code 3', async ({ invoke, contexts }) => {
  state.refuses = true;
  const { code, stdout } = await invoke('sync', ['diff', 'set.yaml', ...contexts]);
  assert.is(code, 3);
  assert.match(stdout, 'not allowed');
});

test('files or a hub, not both, and not neither', async ({ invoke }) => {
  assert.match((await invoke('sync', ['diff'])).error, 'name files or folders with sets and clusters, or a --hub');
  assert.match(
    (await invoke('sync', ['diff', 'set.yaml', '--hub', 'a'])).error,
    'sets and clusters come from the hub: files cannot be named beside it',
  );
});

test.run();
