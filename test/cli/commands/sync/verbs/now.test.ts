// `hoist sync now`: clusters of a hub that are marked to be looked at at once.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../../failure.ts';
import { now } from '../../../../../scripts/cli/commands/sync/verbs/now.ts';
import { answer } from '../../../../doubles/kube-server.ts';
import { ioIn } from '../../../invoke.ts';
import { type FleetPlace, createFleetPlace } from '../fleet-place.ts';

const test = suite<FleetPlace & { patched: { path: string; body: string }[] }>('cli/commands/sync/verbs/now');
test.before.each(async (context) => {
  context.patched = [];
  const place = await createFleetPlace(['hub'], {
    intercept(_spoke, { method, path, body }, response) {
      if (method !== 'PATCH') return false;
      context.patched.push({ path, body });
      answer(response, 200, {});
      return true;
    },
  });
  Object.assign(context, place);
});
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

const run = ({ folder }: FleetPlace, ...operands: string[]): Promise<number> =>
  now({ operands, flags: { hub: 'hub', kubeconfig: 'kubeconfig' } }, ioIn(folder));

test('each cluster that is named is marked with the time', async (context) => {
  assert.is(await run(context, 'f/good', 'f/bad'), 0);
  const { patched } = context;
  assert.equal(
    patched.map(({ path }) => path.replace(/.*namespaces/, '')),
    ['/f/clusterdeployments/good', '/f/clusterdeployments/bad'],
  );
  assert.match(patched[0]?.body ?? '', /"sync\.hoist\.dev\/now":"\d{4}-/);
});

test('names of another form are refused before anything is asked, and so is no name', async (context) => {
  for (const id of ['f', 'f/', '/x', 'f/x/y'])
    assert.is(await failureOf(run(context, 'f/good', id)), `"${id}" is not NAMESPACE/NAME of a cluster`);
  assert.is(await failureOf(run(context)), 'name the clusters, as NAMESPACE/NAME');
  assert.equal(context.patched, []);
});

test.run();
