// What is counted of the requests to a hub: each with its status and time, also those that are never answered; no watches.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import { FakeClock } from '../../doubles/clock.ts';
import { observed } from '../../../scripts/fleet/metrics/observed.ts';
import type { KubeClient, KubeRequest, KubeResponse } from '../../../scripts/kube/client/client.ts';

const test = suite('fleet/metrics/observed');

test('status and time of each request', async () => {
  const clock = new FakeClock();
  clock.advance(1_000);
  const seen: object[] = [];
  const asked: string[] = [];
  const answers = new Map<string, KubeResponse | Error>([
    ['/good', { status: 201, headers: {}, body: Buffer.from('{"a":1}') } as unknown as KubeResponse],
    ['/bad', new Error('gone')],
  ]);
  const client = {
    server: 'https://hub',
    request({ path }: KubeRequest) {
      clock.advance(30);
      const answer = answers.get(path);
      return answer instanceof Error || answer === undefined
        ? Promise.reject(answer ?? new Error('unknown'))
        : Promise.resolve(answer);
    },
    stream: ({ path }: KubeRequest) => void asked.push(`stream ${path}`),
    download: ({ path }: KubeRequest) => void asked.push(`download ${path}`),
    close: () => void asked.push('close'),
  } as unknown as KubeClient;
  const one = observed(client, { request: (request: object) => void seen.push(request) }, clock);
  assert.is((await one.request({ method: 'POST', path: '/good' })).status, 201);
  assert.is(await failureOf(one.request({ path: '/bad' })), 'gone');
  assert.equal(seen, [
    { method: 'POST', path: '/good', status: 201, ms: 30, remote: false },
    { method: 'GET', path: '/bad', status: 0, ms: 30, remote: false },
  ]);
  void one.stream({ path: '/watched' });
  void one.download({ path: '/file' });
  one.close();
  assert.equal([seen.length, asked, one.server], [2, ['stream /watched', 'download /file', 'close'], 'https://hub']);
});

test.run();
