// When a service counts as ready, and what is told of one that does not get there: addresses, webhooks, pods that fail.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Http2ServerResponse } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ServicesError } from '../../../../scripts/base/errors.ts';
import { type KubeClient, connect } from '../../../../scripts/kube/client/client.ts';
import type { Awaited } from '../../../../scripts/services/helm/releases/awaited.ts';
import { waitReady } from '../../../../scripts/services/helm/releases/ready.ts';
import type { Service } from '../../../../scripts/services/helm/service.ts';
import { answer, withKubeServer } from '../../../doubles/kube-server.ts';
import { thrown } from '../../../kube/helpers.ts';
import { serviceOf } from '../workshop.ts';

const ready = suite('services: readiness');

/** What an API server has at each path; a function answers by itself. Watches say nothing more. */
type Paths = Record<string, object[] | object | string | ((query: URLSearchParams) => string)>;

interface Watching {
  /** Sends a changed object to who watches this path, as soon as somebody does. */
  change(path: string, object: object): Promise<void>;
}

async function withObjects(
  paths: Paths,
  use: (client: KubeClient, watching: Watching) => Promise<void>,
): Promise<void> {
  const watches = new Map<string, Http2ServerResponse>();
  const waiting = new Map<string, () => void>();
  const watching: Watching = {
    async change(path, object) {
      if (!watches.has(path)) await new Promise<void>((resolve) => waiting.set(path, resolve));
      watches.get(path)?.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
    },
  };
  await withKubeServer(
    ({ path, query }, response) => {
      const there = paths[path];
      if (query.get('watch') === '1') {
        response.writeHead(200);
        response.write('\n');
        watches.set(path, response);
        waiting.get(path)?.();
        return;
      }
      if (typeof there === 'function') return answer(response, 200, there(query), { 'content-type': 'text/plain' });
      if (there === undefined) return answer(response, 404, { kind: 'Status', reason: 'NotFound', message: path });
      answer(response, 200, Array.isArray(there) ? { metadata: { resourceVersion: '1' }, items: there } : there);
    },
    async ({ connection }) => {
      const client = connect(connection);
      try {
        await use(client, watching);
      } finally {
        client.close();
      }
    },
  );
}

const NOTHING: Awaited = { workloads: [], definitions: [], webhooks: [] };
const never = new AbortController().signal;

function wait(client: KubeClient, more: Partial<Service>, awaited: Partial<Awaited> = {}): Promise<void> {
  const service = serviceOf({ name: 'shop', timeoutMs: 400, ...more });
  return waitReady(client, service, { ...NOTHING, ...awaited }, { signal: never, onProgress: () => undefined });
}

const byUrl = (url: string): Partial<Service> => ({ ready: { workloads: true, crds: true, webhooks: true, url } });

/** An address that answers with these statuses, the last one forever. */
async function withSite(statuses: readonly number[], use: (url: string, asked: () => number) => Promise<void>) {
  let asked = 0;
  const server = createServer((_, response) => {
    response.writeHead(statuses[Math.min(asked++, statuses.length - 1)] ?? 500, { location: '/login' }).end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/health`, () => asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

ready('an address counts as soon as it answers well; a redirect is an answer', async () => {
  await withObjects({}, async (client) => {
    await withSite([400, 399], async (url, asked) => {
      await wait(client, { ...byUrl(url), timeoutMs: 20_000 });
      assert.is(asked(), 2);
    });
    await withSite([503, 404, 200], async (url, asked) => {
      await wait(client, { ...byUrl(url), timeoutMs: 20_000 });
      assert.is(asked(), 3);
    });
    await withSite([302], async (url, asked) => {
      await wait(client, byUrl(url));
      assert.is(asked(), 1);
    });
  });
});

ready('an address that never answers well: what it said last', async () => {
  await withObjects({}, async (client) => {
    await withSite([500, 503], async (url) => {
      const late = await thrown(ServicesError, wait(client, byUrl(url)));
      assert.is((late.cause as Error).message, late.message.split('\n')[1]);
      assert.is(late.message, `service "shop" is not ready\n${url} does not answer well after 0.4 s: status 503`);
    });
    let gone = '';
    await withSite([200], (url) => {
      gone = url;
      return Promise.resolve();
    });
    const nobody = await thrown(ServicesError, wait(client, byUrl(gone)));
    assert.match(nobody.message, /\/health does not answer well after 0\.4 s: .*ECONNREFUSED/);
  });
});

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/apps/endpointslices';
const backend = {
  configuration: 'guard',
  kind: 'ValidatingWebhookConfiguration',
  service: { namespace: 'apps', name: 'guard' },
} as const;
const guard = (caBundle: string): object => ({
  metadata: { name: 'guard', resourceVersion: '2' },
  webhooks: [{ name: 'guard.example', clientConfig: { caBundle, service: { namespace: 'apps', name: 'guard' } } }],
});
const slice = (isReady: boolean): object => ({
  metadata: { name: 'guard-1', namespace: 'apps', resourceVersion: '2' },
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: isReady } }],
});

ready('a webhook counts when a ready pod stands behind it and its authority is known', async () => {
  await withObjects({ [WEBHOOKS]: [guard('')], [SLICES]: [slice(false)] }, async (client, { change }) => {
    const waiting = wait(client, { timeoutMs: 20_000 }, { webhooks: [backend] });
    await change(SLICES, slice(true));
    await change(WEBHOOKS, guard('Y2E='));
    await waiting;
  });
});

const noPods = 'service not ready after 0.4 s:\n  apps/guard: no pod stands behind it';
const noneReady = 'service not ready after 0.4 s:\n  apps/guard: none of its 1 endpoints is ready';
const untrusted = 'ValidatingWebhookConfiguration guard: no caBundle after 0.4 s';
const outOfReach: [Paths, string[]][] = [
  [{ [WEBHOOKS]: [guard('')], [SLICES]: [] }, [noPods, untrusted]],
  [{ [WEBHOOKS]: [guard('Y2E=')], [SLICES]: [slice(false)] }, [noneReady]],
  [{ [WEBHOOKS]: [guard('')], [SLICES]: [slice(true)] }, [untrusted]],
  [{ [WEBHOOKS]: [], [SLICES]: [slice(true)] }, [untrusted]],
];

ready('a webhook that stays unreachable: each reason', async () => {
  for (const [paths, reasons] of outOfReach) {
    await withObjects(paths, async (client) => {
      const late = await thrown(ServicesError, wait(client, {}, { webhooks: [backend] }));
      assert.is(late.message, ['service "shop" is not ready', ...reasons].join('\n'));
    });
  }
});

ready('what does not count is not waited for', async () => {
  await withObjects({}, async (client) => {
    const off = { workloads: false, crds: false, webhooks: false };
    const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' };
    await wait(client, { ready: off }, { webhooks: [backend], definitions: ['a.b'], workloads: [workload] });
  });
});

const pod = (name: string, status: object): object => ({
  metadata: { name, namespace: 'apps', uid: `uid-${name}`, resourceVersion: '1' },
  status: { phase: 'Running', ...status },
});
const crashing = {
  name: 'web',
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
  lastState: { terminated: { reason: 'Error', exitCode: 2 } },
};
const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' };
const deployment = {
  metadata: { name: 'web', namespace: 'apps', uid: 'uid-web', resourceVersion: '1', generation: 1 },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } } },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 1 },
};
const PODS = '/api/v1/namespaces/apps/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/apps/deployments';
const event = { type: 'Warning', reason: 'Unhealthy', message: 'Readiness probe failed: 500', metadata: { name: 'e' } };

ready('a failing pod: its state, its last event, and the last lines that it wrote', async () => {
  const asked: string[] = [];
  const paths: Paths = {
    [DEPLOYMENTS]: [deployment],
    [`${DEPLOYMENTS}/web`]: deployment,
    [PODS]: [
      pod('web-1', { conditions: [{ type: 'Ready', status: 'True' }] }),
      pod('web-2', { containerStatuses: [{ name: 'proxy', ready: true }, crashing] }),
    ],
    '/api/v1/namespaces/apps/events': [event],
    [`${PODS}/web-2/log`](query: URLSearchParams): string {
      asked.push([...query].map((pair) => pair.join('=')).join('&'));
      return 'reading /etc/web.conf\nno such table: users\n';
    },
  };
  await withObjects(paths, async (client) => {
    const late = await thrown(ServicesError, wait(client, {}, { workloads: [web] }));
    assert.equal(late.message.split('\n'), [
      'service "shop" is not ready',
      'workloads not ready after 0.4 s:',
      '  Deployment apps/web: 1 of 2 replicas are available; pod web-2: container web: CrashLoopBackOff: back-off 40s restarting failed container (restarted 3 times; last: Error, exit code 2); Unhealthy: Readiness probe failed: 500',
      'last lines of web-2:',
      '  reading /etc/web.conf',
      '  no such table: users',
    ]);
    assert.equal(asked, ['container=web&tailLines=5&previous=true'], 'the one that is being started again is mute');
  });
});

ready('a failing pod of its own, without a workload above it, is asked too', async () => {
  const failed = pod('job', {
    phase: 'Failed',
    containerStatuses: [{ name: 'main', ready: false, state: { terminated: { reason: 'Error', exitCode: 1 } } }],
  });
  const paths: Paths = {
    [PODS]: [failed],
    [`${PODS}/job`]: failed,
    '/api/v1/namespaces/apps/events': [],
    [`${PODS}/job/log`]: () => 'out of cheese\n',
  };
  await withObjects(paths, async (client) => {
    const late = await thrown(
      ServicesError,
      wait(client, {}, { workloads: [{ apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'job' }] }),
    );
    assert.match(late.message, 'container main: Error, exit code 1');
    assert.match(late.message, /last lines of job:\n {2}out of cheese$/);
  });
});

ready('pods that cannot be asked leave the first error as it is', async () => {
  const paths: Paths = { [DEPLOYMENTS]: [deployment], [PODS]: [pod('web-2', { containerStatuses: [crashing] })] };
  await withObjects(paths, async (client) => {
    const late = await thrown(ServicesError, wait(client, {}, { workloads: [web] }));
    assert.match(
      late.message,
      /^service "shop" is not ready\nworkloads not ready after 0\.4 s:\n {2}Deployment apps\/web: /,
    );
    assert.not.match(late.message, 'last lines');
  });
});

ready.run();
