// A run that is told to stop while its hub cannot be read yet: it says so, and ends with the signal's code.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, startKubeServer, statusObject } from '../doubles/kube-server.ts';
import { inlineKubeconfig } from '../fleet/inline.ts';
import { createWorld } from '../world.ts';

const test = suite('e2e/sync-signal');

for (const [what, status] of [
  ['does not answer', undefined],
  ['fails, and is tried again', 500],
] as const) {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} while the hub ${what} is no fault of the program`, async () => {
      const world = createWorld('sync-signal');
      let asked: () => void = () => undefined;
      const first = new Promise<void>((resolve) => (asked = resolve));
      const server = await startKubeServer(({ path }, response) => {
        // What became of earlier runs is read first, and without patience.
        const isFirst = path.includes('hiveinternal');
        if (status !== undefined && isFirst) answer(response, 200, { metadata: {}, items: [] });
        else {
          if (status !== undefined) answer(response, status, statusObject(status, 'InternalError', 'etcd is away'));
          asked();
        }
      });
      try {
        world.write('kubeconfig', inlineKubeconfig(server.connection));
        const { child, ended } = world.start(['sync', '--hub', 'x']);
        await first;
        child.kill(signal);
        const { code: ends, stdout, stderr } = await ended;
        assert.is(ends, code, stderr);
        assert.match(stderr, new RegExp(`interrupted by ${signal}`));
        assert.not.match(stdout + stderr, /bug in hoist|AbortError| at .*:\d+:\d+/);
      } finally {
        await server.close();
        await world.close();
      }
    });
  }
}

test.run();
