import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerExecResult } from '../../../../scripts/docker/exec-in.ts';
import { HealthError } from '../../../../scripts/base/errors.ts';
import { connect } from '../../../../scripts/kube/client/client.ts';
import { firstAnswer, waitForEndpoints } from '../../../../scripts/providers/k3d/access/dns.ts';
import { answer, type Handler, withKubeServer } from '../../../doubles/kube-server.ts';

const dns = suite('k3d dns');
const signal = new AbortController().signal;
const good: ContainerExecResult = { exitCode: 0, output: 'Address: 10.43.0.1' };
const bad: ContainerExecResult = { exitCode: 1, output: 'connection refused' };

/** Each asks its own way; the last way is that of all others. */
function asking(...ways: ((until: AbortSignal) => Promise<ContainerExecResult>)[]) {
  const asked: AbortSignal[] = [];
  const ask = (until: AbortSignal): Promise<ContainerExecResult> => {
    asked.push(until);
    return (ways[asked.length - 1] ?? ways.at(-1))?.(until) ?? Promise.reject(new Error('no way'));
  };
  return { ask, asked };
}
const never = (until: AbortSignal): Promise<ContainerExecResult> => sleep(60_000, bad, { signal: until });

dns('a question that gets lost holds up none after it', async () => {
  const { ask, asked } = asking(
    never,
    () => Promise.resolve(bad),
    () => Promise.resolve(good),
  );
  assert.equal(await firstAnswer(ask, Date.now() + 30_000, signal), good);
  assert.is(asked.length, 3);
  assert.ok(asked[0]?.aborted, 'the lost one is given up');
});

dns('a bad answer is the last word only after the deadline', async () => {
  const { ask, asked } = asking(() => Promise.resolve(bad));
  assert.equal(await firstAnswer(ask, Date.now() + 400, signal), bad);
  assert.ok(asked.length > 1);
});

dns('a node without the tool is found out at once', async () => {
  const missing = { exitCode: 127, output: '' };
  const { ask, asked } = asking(() => Promise.resolve(missing));
  assert.equal(await firstAnswer(ask, Date.now() + 30_000, signal), missing);
  assert.is(asked.length, 1);
});

dns('an engine that fails ends it, and so does a cancelled run', async () => {
  const { ask } = asking(() => Promise.reject(new Error('no such container')));
  const failed = await firstAnswer(ask, Date.now() + 30_000, signal).catch((error: unknown) => error);
  assert.match(String(failed), /no such container/);
  const stop = new AbortController();
  const waiting = firstAnswer(never, Date.now() + 30_000, stop.signal).catch((error: unknown) => error);
  stop.abort();
  assert.is(((await waiting) as Error).name, 'AbortError');
});

dns('the time for CoreDNS begins again while its image is being pulled, and only then', async () => {
  let state: 'pulling' | 'backing off' | 'ready' = 'pulling';
  let lists = 0;
  const list = (items: object[]): object => ({ metadata: { resourceVersion: '1' }, items });
  const event = (reason: string): object => ({ metadata: { name: reason }, involvedObject: { uid: 'u' }, reason });
  const metadata = { name: 'kube-dns-1', namespace: 'kube-system' };
  const handler: Handler = ({ path, query }, response) => {
    if (query.has('watch')) response.writeHead(200).write('\n');
    else if (path.endsWith('/endpointslices')) {
      // It was given up once, while the image was still on its way.
      if (state === 'pulling' && ++lists > 1) state = 'ready';
      const endpoints = state === 'ready' ? [{ conditions: { ready: true } }] : [];
      answer(response, 200, list([{ metadata, endpoints }]));
    } else if (path.endsWith('/pods')) answer(response, 200, list([{ metadata: { name: 'coredns', uid: 'u' } }]));
    else answer(response, 200, list([event(state === 'pulling' ? 'Pulling' : 'BackOff')]));
  };
  await withKubeServer(handler, async ({ connection }) => {
    const client = connect(connection);
    try {
      await waitForEndpoints(client, 200, signal);
      assert.is(lists, 2);
      state = 'backing off';
      const error: unknown = await waitForEndpoints(client, 200, signal).catch((reason: unknown) => reason);
      assert.instance(error, HealthError);
    } finally {
      client.close();
    }
  });
});

dns.run();
