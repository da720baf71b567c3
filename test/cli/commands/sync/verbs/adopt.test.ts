// `hoist sync adopt`: what it refuses before it asks a hub for anything.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../../../failure.ts';
import { adopt } from '../../../../../scripts/cli/commands/sync/verbs/adopt.ts';
import { type FleetPlace, createFleetPlace } from '../fleet-place.ts';
import { ioIn } from '../../../invoke.ts';

const test = suite<FleetPlace>('cli/commands/sync/verbs/adopt');
test.before.each(async (context) => void Object.assign(context, await createFleetPlace(['hub', 'Spoke_1'])));
test.after.each(async ({ spokes, close }) => {
  close();
  await spokes.close();
});

test('one context, a name that objects can have, and a number of copies', async ({ folder }) => {
  const refused = (operands: string[], more: object = {}): Promise<string> => {
    const flags = {
      hub: 'hub',
      kubeconfig: 'kubeconfig',
      name: undefined,
      namespace: undefined,
      label: [],
      copies: undefined,
      output: undefined,
      quiet: false,
      verbose: false,
    };
    return failureOf(adopt({ operands, flags: { ...flags, ...more } }, ioIn(folder)));
  };
  const one = 'name one context of the kubeconfig to adopt';
  assert.is(await refused([]), one);
  assert.is(await refused(['hub', 'Spoke_1']), one);
  assert.match(await refused(['Spoke_1']), '--name must be a DNS label');
  assert.match(await refused(['Spoke_1'], { name: 'a', copies: '0' }), '--copies');
  assert.match(await refused(['gone']), 'gone');
});

test.run();
