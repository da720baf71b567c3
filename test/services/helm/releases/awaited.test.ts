// What of a release's objects is waited for, and which of its hooks have not ended.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeClient, connect } from '../../../../scripts/kube/client/client.ts';
import { awaitedOf } from '../../../../scripts/services/helm/releases/awaited.ts';
import { pendingHooks } from '../../../../scripts/services/helm/releases/hooks.ts';
import { lastLogLines } from '../../../../scripts/services/helm/releases/last-lines.ts';
import { answer, withKubeServer } from '../../../doubles/kube-server.ts';

const awaited = suite('services/helm/releases/awaited');

type Objects = Parameters<typeof awaitedOf>[0];
const object = (kind: string, name: string, more: object = {}, namespace?: string): Objects[number] => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...more,
});

awaited('workloads, definitions, and services behind webhooks', () => {
  const service = (namespace: string, name: string): object => ({ clientConfig: { service: { namespace, name } } });
  const webhooks = [
    service('n', 'a'),
    service('n', 'a'),
    service('m', 'a'),
    { clientConfig: { url: 'https://x' } },
    {},
  ];
  const found = awaitedOf(
    [
      object('Deployment', 'd'),
      object('Job', 'j', {}, 'other'),
      object('ConfigMap', 'c'),
      object('CustomResourceDefinition', 'crd'),
      object('MutatingWebhookConfiguration', 'w', { webhooks }),
      object('ValidatingWebhookConfiguration', 'v'),
      object('ConfigMap', 'x', { webhooks }),
    ],
    'mine',
  );
  const backend = (namespace: string): object => ({
    configuration: 'w',
    kind: 'MutatingWebhookConfiguration',
    service: { namespace, name: 'a' },
  });
  assert.equal(found, {
    workloads: [
      { apiVersion: 'v1', kind: 'Deployment', namespace: 'mine', name: 'd' },
      { apiVersion: 'v1', kind: 'Job', namespace: 'other', name: 'j' },
    ],
    definitions: ['crd'],
    webhooks: [backend('n'), backend('m')],
  });
});

type Answers = Readonly<Record<string, unknown>>;

async function asking<T>(answers: Answers, ask: (client: KubeClient) => Promise<T>): Promise<T> {
  const results: T[] = [];
  await withKubeServer(
    ({ path, query }, response) => {
      const found = answers[path];
      if (typeof found === 'function')
        return answer(response, 200, (found as (query: URLSearchParams) => unknown)(query), {
          'content-type': 'text/plain',
        });
      return answer(response, found === undefined ? 404 : 200, found ?? { kind: 'Status', message: 'none' });
    },
    async ({ connection }) => {
      const client = connect(connection);
      results.push(await ask(client));
      client.close();
    },
  );
  return results[0] as T;
}

const hook = (name: string, hooks: string | undefined, status: object = {}, labels: object = {}): object => ({
  metadata: { name, labels, ...(hooks === undefined ? {} : { annotations: { 'helm.sh/hook': hooks } }) },
  status,
});
const complete = (type: string, status: string): object => ({ conditions: [{ type, status }] });

awaited('hooks that have not ended, with why', async () => {
  const jobs = [
    hook('done', 'post-install', complete('Complete', 'True')),
    hook('not-yet', 'post-install', complete('Complete', 'False')),
    hook('failed', 'pre-install,post-install', complete('Failed', 'True')),
    hook('test', 'test', {}),
    hook('both', 'test,post-install', {}),
    hook('none', undefined, {}),
    hook('empty', '', {}),
  ];
  const pods = [
    hook('not-yet-1', undefined, { phase: 'Pending' }, { 'batch.kubernetes.io/job-name': 'not-yet' }),
    hook(
      'both-1',
      undefined,
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      { 'batch.kubernetes.io/job-name': 'both' },
    ),
    hook('ended', 'post-install', { phase: 'Succeeded' }),
    hook('runs', 'post-install', { phase: 'Pending' }),
  ];
  const answers = { '/apis/batch/v1/namespaces/n/jobs': { items: jobs }, '/api/v1/namespaces/n/pods': { items: pods } };
  const { signal } = new AbortController();
  assert.equal(await asking(answers, (client) => pendingHooks(client, 'n', signal)), [
    'Job not-yet (post-install) has not ended: is Pending',
    'Job failed (pre-install,post-install) has not ended: it has no pod',
    'Job both (test,post-install) has not ended: it runs and does not end',
    'Pod runs (post-install) has not ended: is Pending',
  ]);
  assert.equal(await asking({}, (client) => pendingHooks(client, 'n', signal)), [], 'it explains another error');
});

awaited('the last lines of pods that fail', async () => {
  const pod = (name: string, container: object, more: object = {}): object => ({
    metadata: { name, namespace: 'n' },
    status: { phase: 'Running', containerStatuses: [{ name: 'c', ...container }], ...more },
  });
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  const items = [
    pod('good', { ready: true }, ready),
    pod('one', { ready: false, restartCount: 2, state: { waiting: {} } }),
    pod('two', { ready: false, restartCount: 2, state: { running: {} } }),
    pod('three', { ready: false }),
  ];
  const log =
    (name: string) =>
    (query: URLSearchParams): string =>
      `${name} ${query.get('container')} ${query.get('tailLines')} ${query.get('previous') ?? 'now'}\n\n`;
  const answers: Answers = {
    '/apis/apps/v1/namespaces/n/deployments/d': {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } } },
    },
    '/apis/apps/v1/namespaces/n/deployments/all': { metadata: { name: 'all' }, spec: {} },
    '/api/v1/namespaces/n/pods': { items },
    '/api/v1/namespaces/n/pods/one': items[1],
    ...Object.fromEntries(['one', 'two', 'three'].map((name) => [`/api/v1/namespaces/n/pods/${name}/log`, log(name)])),
  };
  const { signal } = new AbortController();
  const of = (apiVersion: string, kind: string, name: string): Promise<string[]> =>
    asking(answers, (client) => lastLogLines(client, [{ apiVersion, kind, name, namespace: 'n' }], signal));
  assert.equal(await of('apps/v1', 'Deployment', 'd'), [
    'last lines of one:',
    '  one c 5 true',
    'last lines of two:',
    '  two c 5 now',
  ]);
  assert.equal(await of('v1', 'Pod', 'one'), ['last lines of one:', '  one c 5 true']);
  assert.equal(await of('apps/v1', 'Deployment', 'all'), [], 'no selector selects nothing');
  assert.equal(await of('apps/v1', 'Deployment', 'gone'), []);
  assert.equal(await of('x/v1', 'Strange', 'd'), []);
});

awaited.run();
