import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../../scripts/base/errors.ts';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import { readStored } from '../../../../scripts/providers/embedded/etcd/stored-object.ts';
import { IDENTITY_KEY, adapted, isContent } from '../../../../scripts/providers/embedded/snapshot/content.ts';
import { assertReadable, assertSamePlan } from '../../../../scripts/providers/embedded/snapshot/fit.ts';
import type { SnapshotManifest } from '../../../../scripts/providers/snapshots/manifest.ts';
import { stored } from '../etcd/stored.ts';

const content = suite('what a snapshot has');
const OLD = '11111111-1111-4111-8111-111111111111';
const NEW = '22222222-2222-4222-8222-222222222222';

content('all but what expires and what kube-apiserver says of itself', () => {
  const is = (path: string, expires = false): boolean =>
    isContent({ key: `/registry/${path}`, value: Buffer.from(''), expires });
  for (const path of [
    'configmaps/a/b',
    'leases/kube-node-lease/n',
    'leases/mine/apiserver-x',
    'services/specs/default/kubernetes',
  ])
    assert.ok(is(path), path);
  const left = [
    'leases/kube-system/apiserver-x',
    'configmaps/kube-system/extension-apiserver-authentication',
    'masterleases/1',
  ];
  for (const path of left) assert.not.ok(is(path), path);
  assert.not.ok(is('events/a/b', true));
  const service = (labels: object): boolean => {
    const value = Buffer.from(JSON.stringify({ kind: 'APIService', metadata: { labels } }));
    return isContent({ key: '/registry/apiregistration.k8s.io/apiservices/v1.a.b', value, expires: false });
  };
  assert.equal([service({}), service({ 'kube-aggregator.kubernetes.io/automanaged': 'true' })], [true, false]);
});

content('the uid of kube-system is that of the cluster, those of all others are kept', () => {
  const target = { uid: NEW, sameKeys: false };
  const system = { key: IDENTITY_KEY, value: stored({ kind: 'Namespace', name: 'kube-system', uid: OLD }) };
  assert.equal(adapted(system, target).value, stored({ kind: 'Namespace', name: 'kube-system', uid: NEW }));
  const other = { key: '/registry/namespaces/mine', value: stored({ kind: 'Namespace', name: 'mine', uid: OLD }) };
  assert.is(adapted(other, target).value, other.value);
  assert.is(adapted(system, { uid: OLD, sameKeys: true }).value, system.value);
});

content('tokens that another cluster has signed are left out, the rest of their secret is kept', () => {
  const key = '/registry/secrets/a/t';
  const data = { token: 'abc', 'ca.crt': 'pem', extra: 'mine' };
  const type = 'kubernetes.io/service-account-token';
  const secret = { kind: 'Secret', name: 't', namespace: 'a', uid: OLD };
  const value = stored({ ...secret, data, type });
  assert.equal(
    adapted({ key, value }, { uid: NEW, sameKeys: false }).value,
    stored({ ...secret, data: { extra: 'mine' }, type }),
  );
  assert.is(adapted({ key, value }, { uid: NEW, sameKeys: true }).value, value);
  const opaque = stored({ ...secret, data, type: 'Opaque' });
  assert.is(adapted({ key, value: opaque }, { uid: NEW, sameKeys: false }).value, opaque);
  assert.is(readStored(value)?.kind, 'Secret');
});

const plan = (more: Partial<ClusterPlan> = {}): ClusterPlan => ({
  name: 'dev',
  provider: 'embedded',
  kubernetes: '1.36.3',
  nodes: [{ name: 'hoist-dev-server-0', role: 'server', cpus: 1, memoryBytes: 2 ** 30 }],
  components: { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] },
  ...more,
});
const of = (one: ClusterPlan): SnapshotManifest => ({
  ...{
    format: 1,
    name: 'clean',
    createdAt: '2026-01-01T00:00:00Z',
    cluster: one.name,
    provider: 'embedded',
    identity: 'me',
  },
  ...{ kubernetes: one.kubernetes, content: { keys: 0, bytes: 0, sha256: '0'.repeat(64) }, plan: one },
});

function refusal(check: () => void): string {
  try {
    check();
  } catch (error) {
    assert.instance(error, UsageError);
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

content('another minor version is refused with the reason, another patch is not', () => {
  assertReadable(of(plan()), '1.36.9');
  const message =
    'the snapshot "clean" is of Kubernetes 1.36.3, and this would be 1.37.0: stored objects differ between minor versions';
  assert.is(
    refusal(() => assertReadable(of(plan()), '1.37.0')),
    message,
  );
});

content('other settings are refused, other names are not', () => {
  const [node] = plan().nodes;
  if (!node) throw new Error('no node');
  assertSamePlan(of(plan()), plan({ name: 'other', nodes: [{ ...node, name: 'hoist-other-server-0' }] }), 'hint');
  const apiserver = [{ flag: 'etcd-prefix', value: '/mine', reason: '', source: 'user' as const }];
  const other = plan({ nodes: [node, node], components: { ...plan().components, apiserver } });
  const message = refusal(() => assertSamePlan(of(plan()), other, 'hint'));
  assert.match(message, /nodes: server .* in the snapshot, server .*, server .* here/);
  assert.match(message, 'apiserver --etcd-prefix: not set in the snapshot, /mine here');
});

content.run();
