// A run that ends: a hub that cannot be read ends it, rather than being asked for ever.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Service } from '../../scripts/fleet/service.ts';
import { refused, instantClock, scriptedClient } from './scripted.ts';
import { defaults } from './world.ts';

const ending = suite('fleet/service: a run that ends');

ending('clusters that may not be listed are the reason that it ends with', async () => {
  const stop = new AbortController();
  const { client, asked } = scriptedClient(({ path }, at) => {
    if (at > 100) stop.abort(new Error('it went on and on'));
    return path.endsWith('/clusterdeployments')
      ? refused(403, 'no clusters for you')
      : { body: { metadata: {}, items: [] } };
  });
  const service = new Service({
    ...defaults,
    clock: instantClock(),
    hub: client,
    now: () => new Date(0),
    onProblem: () => undefined,
  });
  const ended = String(await service.once(stop.signal).catch(String));
  assert.match(ended, 'no clusters for you');
  assert.ok(asked.length < 50, String(asked.length));
});

ending.run();
