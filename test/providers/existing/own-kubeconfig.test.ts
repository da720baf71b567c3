// The kubeconfig of one context that helm and own steps get: the same connection, from any folder.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeEntries } from '../../../scripts/kube/kubeconfig/read.ts';
import { ownKubeconfig } from '../../../scripts/providers/existing/own-kubeconfig.ts';

interface Written {
  'current-context': string;
  contexts: { name: string; context: Record<string, unknown> }[];
  clusters: { name: string; cluster: Record<string, unknown> }[];
  users: { name: string; user: Record<string, unknown> }[];
}

const own = suite('kubeconfig of one context');
const file = '/home/me/.kube/config';

function written(link: object, cluster: object, user: object): Written {
  const entries = { context: 'c', link, cluster: { value: cluster, file }, user: { value: user, file } };
  return JSON.parse(ownKubeconfig(entries as unknown as KubeEntries)) as Written;
}

own('the names of the original stay, and so do its other keys', () => {
  const config = written({ cluster: 'k', user: 'u', namespace: 'team' }, { server: 'https://s' }, { token: 't' });
  assert.equal(config, {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'team' } }],
    clusters: [{ name: 'k', cluster: { server: 'https://s' } }],
    users: [{ name: 'u', user: { token: 't' } }],
  });
});

own('a context without a cluster or a user is linked all the same', () => {
  const config = written({}, { server: 'https://s' }, {});
  assert.equal(config.contexts, [{ name: 'c', context: { cluster: 'c', user: 'c' } }]);
  assert.is(config.clusters[0]?.name, 'c');
  assert.is(config.users[0]?.name, 'c');
});

own('relative paths are made absolute; empty ones and commands of the PATH stay', () => {
  const config = written(
    {},
    { 'certificate-authority': 'pki/ca.crt' },
    {
      'client-certificate': '/abs/crt',
      'client-key': '',
      tokenFile: '../token',
      exec: { command: './bin/get', args: [] },
    },
  );
  assert.equal(config.clusters[0]?.cluster, { 'certificate-authority': '/home/me/.kube/pki/ca.crt' });
  assert.equal(config.users[0]?.user, {
    'client-certificate': '/abs/crt',
    'client-key': '',
    tokenFile: '/home/me/token',
    exec: { command: '/home/me/.kube/bin/get', args: [] },
  });
  const onPath = { exec: { command: 'aws', args: ['eks'] } };
  assert.equal(written({}, {}, onPath).users[0]?.user, onPath);
  assert.equal(written({}, {}, { exec: null }).users[0]?.user, { exec: null });
});

own.run();
