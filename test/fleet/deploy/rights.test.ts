// The rights of what is deployed: a shard that has exactly those of its ServiceAccount keeps a fleet, and there is none that it does not use.

import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { deployManifests } from '../../../scripts/fleet/deploy/manifests.ts';
import { adopt } from '../../../scripts/fleet/hub/adopt.ts';
import { installDefinitions } from '../../../scripts/fleet/hub/install.ts';
import { clusterSyncPath, paths } from '../../../scripts/fleet/hub/paths.ts';
import { Service } from '../../../scripts/fleet/service.ts';
import { apply } from '../../../scripts/kube/apply/apply.ts';
import { connect, type KubeClient, type KubeRequest } from '../../../scripts/kube/client/client.ts';
import type { KubeConnection } from '../../../scripts/kube/client/connection.ts';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { binaries, sharedCluster } from '../../doubles/apiserver.ts';
import { inlineKubeconfig } from '../inline.ts';
import { configMap, defaults } from '../world.ts';

const test = suite('fleet/deploy/rights');
const onServer = (name: string, callback: Callback): void => {
  if (binaries() !== undefined) test(name, callback);
  else test.skip(name, callback);
};

const NAMESPACE = 'hoist-sync';
const signal = new AbortController().signal;
const manifests = deployManifests({ namespace: NAMESPACE, replicas: 1, image: 'registry.example/hoist:1' });

/** What a request needs, as `verb group/resource`. */
function needOf({ method = 'GET', path, query }: KubeRequest): string {
  const [, group = '', rest = ''] = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const [resource = '', name, sub] = rest.replace(/^namespaces\/[^/]+\/(?=.)/, '').split('/');
  const read = query?.['watch'] === undefined ? (name === undefined ? 'list' : 'get') : 'watch';
  const verbs = new Map([
    ['GET', read],
    ['POST', 'create'],
    ['PATCH', 'patch'],
    ['DELETE', 'delete'],
  ]);
  const verb = verbs.get(method) ?? method;
  return `${verb} ${group}/${resource}${sub === undefined ? '' : `/${sub}`}`;
}

/** A client that writes down what it needs; applying is both making and changing. */
function noting(client: KubeClient, needs: Set<string>): KubeClient {
  return new Proxy(client, {
    get(target, key: keyof KubeClient) {
      const value: unknown = target[key];
      if (typeof value !== 'function') return value;
      return (request?: KubeRequest) => {
        if (request !== undefined) needs.add(needOf(request));
        if (request?.contentType === 'application/apply-patch+yaml') needs.add(needOf({ ...request, method: 'POST' }));
        return (value as (given: unknown) => unknown).call(target, request);
      };
    },
  });
}

function granted(): Set<string> {
  type Rule = Record<'apiGroups' | 'resources' | 'verbs', string[]>;
  const rules = manifests.flatMap((one) => (Array.isArray(one['rules']) ? (one['rules'] as Rule[]) : []));
  const rights = rules.flatMap(({ apiGroups: [group = ''], resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
  );
  // Asked by the server itself, where an owner is set that blocks its deletion.
  return new Set(rights.filter((right) => !right.endsWith('/finalizers')));
}

async function prepared(client: KubeClient, connection: KubeConnection): Promise<KubeConnection> {
  await installDefinitions(client, signal);
  await apply(
    client,
    manifests.map((object): Manifest => ({ object: object as Manifest['object'], where: 'deploy' })),
  );
  await adopt(client, {
    namespace: 'fleet',
    name: 'one',
    copies: 1,
    labels: { fleet: 'rights' },
    kubeconfig: inlineKubeconfig(connection),
    now: new Date(),
    signal,
    concurrency: 1,
  });
  const spec = {
    clusterDeploymentSelector: { matchLabels: { fleet: 'rights' } },
    resources: [configMap('rights', { k: 'v' })],
  };
  const metadata = { name: 'rights' };
  const body = { apiVersion: 'hive.openshift.io/v1', kind: 'SelectorSyncSet', metadata, spec };
  await client.json({ method: 'POST', path: paths.selectorSyncSets, body });
  const made = await client.json<{ status: { token: string } }>({
    method: 'POST',
    path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/hoist-sync/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const { server, ca } = connection;
  return { server, ca, token: made.status.token };
}

onServer('a shard with these rights keeps a fleet, and uses each of them', async () => {
  const cluster = await sharedCluster();
  const admin = connect(cluster.connection);
  const own = connect(await prepared(admin, cluster.connection));
  const needs = new Set<string>();
  const problems: string[] = [];
  const stop = new AbortController();
  const service = new Service({
    ...defaults,
    hub: noting(own, needs),
    now: () => new Date(),
    shard: { name: 'hoist-sync-0', namespace: NAMESPACE },
    replica: 0,
    onProblem: (message) => problems.push(message),
    onWritten: () => stop.abort(new Error('done')),
  });
  try {
    await service.forever(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    assert.equal(problems, []);
    const sync = await admin.json<{ status: { selectorSyncSets: { result: string }[] } }>({
      path: clusterSyncPath('fleet', 'one'),
    });
    assert.is(sync.status.selectorSyncSets[0]?.result, 'Success');
    assert.equal([...granted()].sort(), [...needs].sort());
    for (const path of ['/api/v1/secrets', '/api/v1/pods', '/api/v1/namespaces/default/configmaps']) {
      assert.is((await own.request({ path })).status, 403, path);
    }
  } finally {
    own.close();
    admin.close();
    cluster.stop();
  }
});

test.run();
