import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStored } from '../../../../scripts/providers/embedded/etcd/stored-object.ts';
import { isBare, planted } from '../../../../scripts/providers/embedded/seed/bare.ts';
import { type Stored, stored } from '../etcd/stored.ts';

const seeds = suite('what a seed is made of');
const bare = (key: string, object: Partial<Stored>, expires = false): boolean =>
  isBare({ key, value: stored({ kind: 'X', name: 'x', ...object }), revision: '1', expires });
const ROLE = '/registry/clusterroles/view';

seeds('what only kube-apiserver wrote is bare', () => {
  assert.ok(bare(ROLE, { managers: ['kube-apiserver'] }));
  assert.ok(bare('/registry/roles/kube-system/x', { managers: ['kube-apiserver'] }));
  const apf = ['api-priority-and-fairness-config-producer-v1', 'api-priority-and-fairness-config-consumer-v1'];
  assert.ok(bare('/registry/flowschemas/exempt', { managers: apf }));
});

seeds('what anybody else wrote a field of is not', () => {
  for (const other of ['kubectl-edit', 'hoist', 'helm', 'clusterrole-aggregation-controller', 'kube-apiserver2', ''])
    assert.not.ok(bare(ROLE, { managers: ['kube-apiserver', other] }), other);
  assert.not.ok(bare(ROLE, { managers: [] }));
});

seeds("what is a cluster's own is not, whoever wrote it", () => {
  const own = [
    'namespaces/kube-system',
    'configmaps/kube-system/extension-apiserver-authentication',
    'configmaps/kube-system/kube-root-ca.crt',
    'secrets/kube-system/token',
    'serviceaccounts/kube-system/default',
    'services/specs/default/kubernetes',
    'ipaddresses/10.96.0.1',
    'leases/kube-system/apiserver-abc',
    'roles/default/mine',
  ];
  for (const key of own) assert.not.ok(bare(`/registry/${key}`, { managers: ['kube-apiserver'] }), key);
  assert.not.ok(bare(ROLE, { managers: ['kube-apiserver'] }, true));
});

seeds('what is not protobuf is not', () => {
  assert.not.ok(isBare({ key: ROLE, value: Buffer.from('{}'), revision: '1', expires: false }));
});

seeds('planted: made now, in whole seconds', () => {
  const of = (seconds: number): Buffer =>
    stored({ kind: 'ClusterRole', name: 'view', managers: ['kube-apiserver'], seconds });
  const withoutUid = (value: Buffer | undefined): string =>
    value?.toString('latin1').replaceAll(/[0-9a-f-]{36}/g, 'UID') ?? '';
  for (const ms of [0, 999]) {
    const [entry] = planted([{ key: 'a', value: of(1_700_000_000) }], new Date(1_800_000_001_000 + ms));
    assert.is(withoutUid(entry?.value), withoutUid(of(1_800_000_001)));
  }
});

seeds('planted: each object has a uid that no other has', () => {
  const value = stored({ kind: 'ClusterRole', name: 'view', managers: ['kube-apiserver'] });
  const twice = [...planted([{ key: 'a', value }], new Date()), ...planted([{ key: 'a', value }], new Date())];
  const uids = twice.map((entry) => readStored(entry.value)?.uid);
  assert.is(new Set([...uids, readStored(value)?.uid]).size, 3);
});

seeds.run();
