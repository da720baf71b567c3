// A hub by a context whose token ends while a process follows it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hubClient } from '../../../../scripts/cli/commands/sync/hub-input.ts';
import { systemClock } from '../../../../scripts/engine/clock.ts';
import { realWiring } from '../../../../scripts/wiring.ts';
import { answer, statusObject, withKubeServer } from '../../../doubles/kube-server.ts';

const test = suite<{ folder: string }>('cli/sync: hub input');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-hub-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('a token file that was written again is read where the server refuses what it held', ({ folder }) => {
  let valid = 'first';
  let now = 0;
  return withKubeServer(
    ({ headers }, response) => {
      if (headers['authorization'] === `Bearer ${valid}`) answer(response, 200, {});
      else answer(response, 401, statusObject(401, 'Unauthorized', 'Unauthorized'));
    },
    async ({ connection, arrived }) => {
      const config = {
        contexts: [{ name: 'hub', context: { cluster: 'hub', user: 'hub' } }],
        clusters: [
          {
            name: 'hub',
            cluster: {
              server: connection.server,
              'certificate-authority-data': Buffer.from(connection.ca ?? '').toString('base64'),
            },
          },
        ],
        users: [{ name: 'hub', user: { tokenFile: 'token' } }],
      };
      const kubeconfig = join(folder, 'config');
      writeFileSync(kubeconfig, JSON.stringify(config));
      writeFileSync(join(folder, 'token'), 'first');
      const context = { ...realWiring({}, folder), clock: { ...systemClock, now: () => now } };
      const client = await hubClient({ hub: 'hub', kubeconfig }, context);
      try {
        const statuses = async (): Promise<number[]> =>
          (await Promise.all([1, 2, 3].map(() => client.request({ path: '/x' })))).map(({ status }) => status);
        assert.equal(await statuses(), [200, 200, 200]);
        valid = 'second';
        writeFileSync(join(folder, 'token'), 'second');
        assert.equal(await statuses(), [200, 200, 200]);
        valid = 'third';
        const before = arrived.length;
        assert.equal(await statuses(), [401, 401, 401]);
        assert.is(arrived.length - before, 3, 'nothing is repeated without another token');
        writeFileSync(join(folder, 'token'), 'third');
        assert.equal(await statuses(), [401, 401, 401], 'it is not read with each request');
        now = 20_000;
        assert.equal(await statuses(), [200, 200, 200]);
      } finally {
        client.close();
      }
    },
  );
});

test.run();
