import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStored, renewed } from '../../../../scripts/providers/embedded/etcd/stored-object.ts';
import { stored } from './stored.ts';

const role = {
  kind: 'ClusterRole',
  name: 'view',
  namespace: '',
  uid: '11111111-1111-4111-8111-111111111111',
  managers: ['kube-apiserver', 'somebody'],
};

const objects = suite('stored objects');

objects('the metadata of a stored object', () => {
  assert.equal(readStored(stored(role)), role);
  assert.is(readStored(stored({ kind: 'Role', name: 'a', namespace: 'kube-system' }))?.namespace, 'kube-system');
});

objects('fields of other kinds are passed over', () => {
  const whole = stored(role);
  const varint = [0x48, 0x96, 0x01];
  const fixed64 = [0x49, 1, 2, 3, 4, 5, 6, 7, 8];
  const fixed32 = [0x4d, 1, 2, 3, 4];
  for (const field of [varint, fixed64, fixed32]) {
    const before = Buffer.concat([whole.subarray(0, 4), Buffer.from(field), whole.subarray(4)]);
    assert.equal(readStored(before), role);
  }
});

objects('what is not protobuf, or no message at all, is no object', () => {
  for (const value of [
    '',
    '{"kind":"Widget"}',
    'k8s:enc:aescbc:v1:key:',
    'k8s\0',
    'k8s\0\x0a\x7f',
    'k8s\0\xff\xff\xff',
  ]) {
    assert.is(readStored(Buffer.from(value, 'latin1')), undefined, JSON.stringify(value));
  }
});

objects('a value that is cut anywhere is none, or is read as what is left of it; never more than that', () => {
  const whole = stored(role);
  for (let length = 0; length < whole.length; length++) readStored(whole.subarray(0, length));
});

objects('renewed: another uid, another time everywhere in the metadata, and nothing else', () => {
  const uid = '22222222-2222-4222-8222-222222222222';
  const before = { ...role, seconds: 1_700_000_000, rest: 'rules of a kind' };
  assert.equal(renewed(stored(before), uid, 1_800_000_000), stored({ ...before, uid, seconds: 1_800_000_000 }));
});

objects('renewed: the value that was given stays as it is, and what is no object comes back', () => {
  const value = stored(role);
  renewed(value, '22222222-2222-4222-8222-222222222222', 1_800_000_000);
  assert.equal(value, stored(role));
  const odd = Buffer.from('{"kind":"Widget"}');
  assert.is(renewed(odd, 'x', 1), odd);
});

objects('renewed: a uid of another length is left alone', () => {
  const odd = stored({ ...role, uid: 'short' });
  assert.is(readStored(renewed(odd, '22222222-2222-4222-8222-222222222222', 1_800_000_000))?.uid, 'short');
});

objects.run();
