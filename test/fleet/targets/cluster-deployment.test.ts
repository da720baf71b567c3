// What is read of a ClusterDeployment: whether to leave it alone, and which server with which credentials.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isClusterDeployment,
  readClusterDeployment,
  uidOf,
} from '../../../scripts/fleet/targets/cluster-deployment.ts';
import { failureOf } from '../../failure.ts';
import type { FleetCluster, SourceSecret } from '../../../scripts/fleet/targets/types.ts';
import type { KubeConnection } from '../../../scripts/kube/client/connection.ts';

const test = suite('fleet/targets/cluster-deployment');

type Json = Record<string, unknown>;

const CONNECTION: KubeConnection = { server: 'https://api.example.com:6443', ca: 'ca' };
const given = (secret?: SourceSecret, fromHub = false, connection = CONNECTION) => ({
  where: 'here',
  secret: () => Promise.resolve(secret),
  connect: (text: string, where: string) =>
    Promise.resolve({ ...connection, token: `${text} of ${where}` } as KubeConnection),
  fromHub,
});

function read(object: Json, options = given()): FleetCluster {
  const found = readClusterDeployment(object, options);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const deployment = (metadata: Json = {}, spec: Json = {}, status?: Json): Json => ({
  apiVersion: 'hive.openshift.io/v1',
  kind: 'ClusterDeployment',
  metadata: { name: 'c', namespace: 'n', ...metadata },
  spec,
  ...(status === undefined ? {} : { status }),
});

test('which objects are ClusterDeployments', () => {
  assert.is(isClusterDeployment(deployment()), true);
  assert.is(isClusterDeployment({ apiVersion: 'hive.openshift.io/v1', kind: 'SyncSet' }), false);
  assert.is(isClusterDeployment({ apiVersion: 'v1', kind: 'ClusterDeployment' }), false);
  assert.is(isClusterDeployment({ apiVersion: 7, kind: 'ClusterDeployment' }), false);
});

test('its name, place and labels; without a uid one that stays the same', () => {
  const { id, namespace, name, uid, labels, installedAt } = read(
    deployment({ uid: 'u', labels: { a: 'b' } }, {}, { installedTimestamp: '2026-01-01T00:00:00Z' }),
  );
  assert.equal(
    [id, namespace, name, uid, labels, installedAt],
    ['n/c', 'n', 'c', 'u', { a: 'b' }, '2026-01-01T00:00:00Z'],
  );
  const bare = read(deployment({ namespace: undefined }));
  assert.equal([bare.id, bare.uid, bare.installedAt], ['default/c', uidOf('default/c'), undefined]);
  assert.match(uidOf('x'), /^[0-9a-f]{32}$/);
  for (const name of [undefined, '', 7])
    assert.is(readClusterDeployment(deployment({ name }), given()), 'the ClusterDeployment has no metadata.name');
});

test('why it is left alone', () => {
  const skip = (metadata: Json): string | undefined => read(deployment(metadata)).skip;
  for (const pause of ['hive.openshift.io/syncset-pause', 'hive.openshift.io/reconcile-pause']) {
    for (const value of ['1', 't', 'T', 'true', 'TRUE', 'True'])
      assert.is(skip({ annotations: { [pause]: value } }), `paused by ${pause}`);
    for (const value of ['false', '', 'yes']) assert.is(skip({ annotations: { [pause]: value } }), undefined);
  }
  assert.is(skip({ annotations: { 'hive.openshift.io/relocate': '' } }), 'relocating');
  assert.is(skip({ deletionTimestamp: '2026-01-01T00:00:00Z' }), 'being deleted');
  assert.is(skip({ deletionTimestamp: null }), undefined);
});

test('on a hub it must be installed, and known to be reachable; in a file nothing is said of that', () => {
  const reachable = (status: string): Json => ({
    conditions: [
      { type: 'Other', status: 'False' },
      { type: 'Unreachable', status },
    ],
  });
  const skip = (spec: Json, status?: Json, fromHub = true): string | undefined =>
    read(deployment({}, spec, status), given(undefined, fromHub)).skip;
  assert.is(skip({}, reachable('False')), 'not installed');
  assert.is(skip({ installed: 'true' }, reachable('False')), 'not installed');
  assert.is(skip({ installed: true }, reachable('False')), undefined);
  for (const status of ['True', 'Unknown']) assert.is(skip({ installed: true }, reachable(status)), 'unreachable');
  assert.is(skip({ installed: true }), 'unreachable');
  assert.is(skip({ installed: true }, { conditions: 'odd' }), 'unreachable');
  assert.is(skip({}, undefined, false), undefined);
});

const kubeconfig = { data: { kubeconfig: Buffer.from('text').toString('base64') } };
const ref = { clusterMetadata: { adminKubeconfigSecretRef: { name: 'admin' } } };

test('the connection is that of the Secret that it names; what is missing is said', async () => {
  const { connection } = read(deployment({}, ref), given(kubeconfig));
  assert.equal(await connection(), { ...CONNECTION, token: 'text of Secret n/admin' });
  const fails = async (spec: Json, secret?: SourceSecret): Promise<string> =>
    read(deployment({}, spec), given(secret))
      .connection()
      .then(
        () => '',
        (error: unknown) => (error as Error).message,
      );
  assert.is(await fails({}), 'here: spec.clusterMetadata.adminKubeconfigSecretRef.name is missing');
  assert.is(await fails(ref), 'here: Secret n/admin does not exist');
  assert.is(await fails(ref, { data: { other: '' } }), 'here: Secret n/admin has no key "kubeconfig"');
});

test('a hub may use another address, whose certificate is still that of the first', async () => {
  const of = async (controlPlaneConfig: Json, connection = CONNECTION): Promise<[string, string | undefined]> => {
    const cluster = read(deployment({}, { ...ref, controlPlaneConfig }), given(kubeconfig, false, connection));
    const { server, tlsServerName } = await cluster.connection();
    return [server, tlsServerName];
  };
  assert.equal(await of({ apiURLOverride: 'other.example.com:443' }), ['https://other.example.com:443', undefined]);
  assert.equal(await of({ apiURLOverride: 'http://other' }), ['http://other', undefined]);
  assert.equal(await of({ apiURLOverride: '' }), [CONNECTION.server, undefined]);
  assert.equal(await of({ apiServerIPOverride: '' }), [CONNECTION.server, undefined]);
  assert.equal(await of({ apiServerIPOverride: '10.0.0.1' }), ['https://10.0.0.1:6443', 'api.example.com']);
  assert.equal(await of({ apiServerIPOverride: 'fd00::1' }), ['https://[fd00::1]:6443', 'api.example.com']);
  const named = { ...CONNECTION, tlsServerName: 'own' };
  assert.equal(await of({ apiServerIPOverride: '10.0.0.1' }, named), ['https://10.0.0.1:6443', 'own']);
  assert.equal(await of({ apiURLOverride: 'https://u', apiServerIPOverride: '10.0.0.1' }), ['https://u', undefined]);
});

for (const control of [
  { apiURLOverride: 'file:///etc/passwd' },
  { apiURLOverride: 'unix:///run/x' },
  { apiURLOverride: 'https://' },
  { apiURLOverride: 'a b' },
  { apiServerIPOverride: 'a/b' },
  { apiServerIPOverride: '127.0.0.1#' },
  { apiServerIPOverride: 'other.example.com' },
]) {
  test(`${JSON.stringify(control)} is refused by its field, and the address of the kubeconfig is not taken in its place`, async () => {
    const cluster = read(deployment({}, { ...ref, controlPlaneConfig: control }), given(kubeconfig));
    const [field = ''] = Object.keys(control);
    assert.match(await failureOf(cluster.connection()), new RegExp(`spec\\.controlPlaneConfig\\.${field} is no`));
  });
}

test.run();
