// Images of pods: pulls that go on give a wait more time, pulls that cannot work out end it early.

import type { Http2ServerResponse } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { hopelessPods, type PodEvent, pullingPods } from '../../../scripts/kube/watch/pulls.ts';
import { waitWorkloads } from '../../../scripts/kube/watch/wait-workloads.ts';
import { answer, type Arrived, withKubeServer } from '../../doubles/kube-server.ts';
import { thrown } from '../helpers.ts';

const pulls = suite('kube: pulls');

const UNRESOLVED =
  'Failed to pull image "reg.example.test/a:1": failed to pull and unpack image "reg.example.test/a:1": failed to resolve reference "reg.example.test/a:1": failed to do request: Head "https://reg.example.test/v2/a/manifests/1": dial tcp: lookup reg.example.test on 10.0.0.1:53: no such host';

function event(uid: string, reason: string, second: number, more: Partial<PodEvent> = {}): PodEvent {
  const lastTimestamp = new Date(second * 1000).toISOString();
  const name = `${uid}.${reason}.${second}`;
  return { metadata: { name, namespace: 'default' }, involvedObject: { uid }, reason, lastTimestamp, ...more };
}

pulls('a name that did not resolve twice is hopeless, anything else is not', () => {
  const failed = (uid: string, message: string, count = 1): PodEvent => event(uid, 'Failed', 1, { message, count });
  const hopeless = (...events: PodEvent[]): string[] => [...hopelessPods(events)];
  assert.equal(hopeless(failed('a', UNRESOLVED)), []);
  assert.equal(hopeless(failed('a', UNRESOLVED, 2)), ['a']);
  // The port that the question came from makes each message another one.
  assert.equal(hopeless(failed('a', UNRESOLVED), failed('a', `${UNRESOLVED} `), failed('b', UNRESOLVED)), ['a']);
  // A resolver that answers nothing at all, as on machines without a network.
  const silent = UNRESOLVED.replace('no such host', 'read udp 172.28.0.2:57949->10.0.0.1:53: i/o timeout');
  // It has asked twice already when it says so.
  assert.equal(hopeless(failed('a', silent)), ['a']);
  // The registry was found and is slow: that may pass.
  const slow = UNRESOLVED.replace(/lookup .*/, '10.0.0.1:443: i/o timeout');
  assert.equal(hopeless(failed('a', slow, 9)), []);
  assert.equal(hopeless(failed('a', 'Error: ErrImagePull', 9)), []);
  assert.equal(hopeless(failed('a', 'Failed to pull image "a": 503 Service Unavailable', 9)), []);
});

pulls('a pod pulls until its last event says how that ended', () => {
  const pulling = (...events: PodEvent[]): string[] => [...pullingPods(events)];
  assert.equal(pulling(event('a', 'Scheduled', 1), event('a', 'Pulling', 2)), ['a']);
  assert.equal(pulling(event('a', 'Pulling', 2), event('a', 'Pulled', 2)), []);
  assert.equal(pulling(event('a', 'Pulled', 2), event('a', 'Pulling', 2)), []);
  assert.equal(pulling(event('a', 'Failed', 2), event('a', 'BackOff', 3), event('a', 'Pulling', 4)), ['a']);
});

/** A cluster with one Deployment, its one pod and events about that; `ready` makes it available. */
interface Cluster {
  events: PodEvent[];
  ready: boolean;
  /** The pod itself does not say yet what its events say. */
  silent?: boolean;
}

function serve(cluster: Cluster, { path, query }: Arrived, response: Http2ServerResponse): void {
  if (query.get('watch') === '1') {
    response.writeHead(200);
    return;
  }
  const metadata = { name: 'web', namespace: 'default', uid: 'web', generation: 1 };
  const available = cluster.ready ? 1 : 0;
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available };
  const selector = { matchLabels: { app: 'web' } };
  const waiting =
    cluster.silent === true ? { reason: 'ContainerCreating' } : { reason: 'ErrImagePull', message: UNRESOLVED };
  const items = path.endsWith('/deployments')
    ? [{ metadata, spec: { replicas: 1, selector }, status }]
    : path.endsWith('/pods')
      ? [
          {
            metadata: { name: 'web-1', namespace: 'default', uid: 'pod' },
            status: { phase: 'Pending', containerStatuses: [{ name: 'web', state: { waiting } }] },
          },
        ]
      : cluster.events;
  answer(response, 200, { metadata: { resourceVersion: '1' }, items });
}

async function wait(cluster: Cluster, timeoutMs: number): Promise<void> {
  await withKubeServer(
    (arrived, response) => serve(cluster, arrived, response),
    async (server) => {
      const client = connect(server.connection, { silenceMs: 60_000 });
      try {
        const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
        await waitWorkloads(client, [ref], { timeoutMs });
      } finally {
        client.close();
      }
    },
  );
}

pulls('a wait ends when the image that it needs cannot be had, and says why', async () => {
  const events = [event('pod', 'Failed', 1, { message: UNRESOLVED, count: 2 })];
  const error = await thrown(HealthError, wait({ events, ready: false }, 600_000));
  assert.match(error.message, /will not become so/);
  assert.match(error.message, /reg\.example\.test on 10\.0\.0\.1:53: no such host/);
});

pulls('the reason names the image, also where a shorter event came in the same second', async () => {
  const silent = UNRESOLVED.replace('no such host', 'read udp 172.28.0.2:57949->10.0.0.1:53: i/o timeout');
  const events = [
    event('pod', 'Failed', 1, { message: silent, count: 1 }),
    event('pod', 'Failed', 1, { message: 'Error: ErrImagePull', metadata: { name: 'other', namespace: 'default' } }),
  ];
  const error = await thrown(HealthError, wait({ events, ready: false, silent: true }, 600_000));
  assert.match(error.message, /Failed to pull image "reg\.example\.test\/a:1"/);
  assert.not.match(error.message, /Error: ErrImagePull/);
});

pulls('a wait goes on while an image is being pulled, and ends well', async () => {
  const cluster: Cluster = { events: [event('pod', 'Pulling', 1)], ready: false };
  let looks = 0;
  const watched: Cluster = {
    get events() {
      if (++looks === 2) cluster.ready = true;
      return cluster.events;
    },
    get ready() {
      return cluster.ready;
    },
  };
  await wait(watched, 150);
  assert.ok(looks >= 2);
});

pulls('a wait whose image is not being pulled ends in its time', async () => {
  const cluster: Cluster = { events: [event('pod', 'Pulling', 1), event('pod', 'Pulled', 2)], ready: false };
  const error = await thrown(HealthError, wait(cluster, 150));
  assert.match(error.message, /after 0\.15 s/);
});

pulls.run();
