// The cluster that both programs look at: a few objects of each kind, and logs behind a stand-in for a kubelet.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../../scripts/kube/client/client.ts';
import { type FakeKubelet, addPods, startFakeKubelet } from '../../doubles/fake-kubelet.ts';

/** @param folder that has the files of a certificate */
export async function fill(client: KubeClient, folder: string): Promise<FakeKubelet> {
  const post = (path: string, body: object): Promise<unknown> => client.json({ method: 'POST', path, body });
  const core = (resource: string, body: object): Promise<unknown> => post(`/api/v1/namespaces/web/${resource}`, body);
  const apps = (resource: string, body: object): Promise<unknown> =>
    post(`/apis/apps/v1/namespaces/web/${resource}`, body);
  for (const name of ['web', 'quiet']) {
    await post('/api/v1/namespaces', { metadata: { name } });
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    while ((await client.request({ path: account })).status !== 200) await sleep(50);
  }
  await post('/api/v1/nodes', NODE);
  await core('secrets', { metadata: { name: 'db', labels: { app: 'web' } }, stringData: { user: 'ann' } });
  await core('secrets', { metadata: { name: 'plain' }, stringData: { colour: 'blue' } });
  const [crt, key] = ['tls.crt', 'tls.key'].map((file) => readFileSync(join(folder, file), 'utf8'));
  await core('secrets', {
    metadata: { name: 'tls' },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': crt, 'tls.key': key },
  });
  const login = JSON.stringify({ auths: { 'quay.io': { username: 'ann', password: 'x', auth: 'YW5uOng=' } } });
  await core('secrets', {
    metadata: { name: 'pull' },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': login },
  });
  await core('configmaps', { metadata: { name: 'settings', labels: { app: 'web' } }, data: { colour: 'blue' } });
  await core('configmaps', { metadata: { name: 'more' }, data: { one: '1', two: '2' } });
  await core('services', { metadata: { name: 'front' }, spec: { selector: { app: 'front' }, ports: [{ port: 80 }] } });
  await core('persistentvolumeclaims', {
    metadata: { name: 'disk' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await apps('deployments', { metadata: { name: 'front' }, spec: { replicas: 2, ...template('front') } });
  await apps('statefulsets', {
    metadata: { name: 'base' },
    spec: { replicas: 1, serviceName: 'b', ...template('base') },
  });
  await apps('daemonsets', { metadata: { name: 'each' }, spec: template('each') });
  await post('/apis/batch/v1/namespaces/web/jobs', {
    metadata: { name: 'once' },
    spec: { template: { spec: { restartPolicy: 'Never', ...pod('once').spec } } },
  });
  await post('/apis/networking.k8s.io/v1/namespaces/web/ingresses', {
    metadata: { name: 'front' },
    spec: { defaultBackend: { service: { name: 'front', port: { number: 80 } } } },
  });
  await post('/apis/storage.k8s.io/v1/storageclasses', { metadata: { name: 'fast' }, provisioner: 'example.com/fast' });
  await widgets(client);
  const kubelet = await startFakeKubelet({ log: (of) => [1, 2, 3].map((i) => `line ${i} of ${of}\n`) });
  const { port } = kubelet;
  await addPods(client, { port, node: 'logs-node', namespace: 'logs', count: 3 });
  await addPods(client, { port, node: 'short-node', namespace: 'short', count: 1 });
  await settled(client);
  return kubelet;
}

const NODE = {
  metadata: { name: 'n1', labels: { 'kubernetes.io/arch': 'amd64' } },
  status: {
    capacity: { cpu: '4', memory: '8Gi', pods: '110' },
    allocatable: { cpu: '4', memory: '7Gi', pods: '110' },
    nodeInfo: { containerRuntimeVersion: 'containerd://2.0.0' },
  },
};

const pod = (app: string): { metadata: object; spec: object } => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'c', image: 'nginx', env: [{ name: 'MODE', value: 'fast' }] }] },
});
const template = (app: string): object => ({ selector: { matchLabels: { app } }, template: pod(app) });

/** A kind of its own, with an object. */
async function widgets(client: KubeClient): Promise<void> {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    },
  };
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' };
  const version = { name: 'v1', served: true, storage: true, schema };
  await client.json({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: {
      metadata: { name: 'widgets.example.com' },
      spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version] },
    },
  });
  const path = '/apis/example.com/v1/namespaces/web/widgets';
  while ((await client.request({ path })).status !== 200) await sleep(50);
  const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size: 3 } };
  await client.json({ method: 'POST', path, body });
}

/** Resolves when nothing changes any more that is compared. */
async function settled(client: KubeClient): Promise<void> {
  interface Scaled {
    status?: { readyReplicas?: number };
  }
  for (let round = 0; round < 400; round++) {
    const path = '/apis/apps/v1/namespaces/web/';
    const [front, base] = await Promise.all([
      client.json<Scaled>({ path: `${path}deployments/front` }),
      client.json<Scaled>({ path: `${path}statefulsets/base` }),
    ]);
    if (front.status?.readyReplicas === 2 && base.status?.readyReplicas === 1) return;
    await sleep(100);
  }
  throw new Error('the pods of the cluster are not ready');
}
