// Where the objects of a kind are: kinds that every cluster has, and the paths of their collections.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinResources, collectionPath, kindKey } from '../../scripts/kube/resources.ts';

const test = suite('kube/resources');

const of = (apiVersion: string, kind: string): string | undefined => {
  const resource = builtinResources.get(kindKey(apiVersion, kind));
  return resource && collectionPath(resource, 'a b');
};

test('a collection is in the namespace, or of the whole cluster where its kind has none', () => {
  assert.is(of('v1', 'ConfigMap'), '/api/v1/namespaces/a%20b/configmaps');
  assert.is(of('apps/v1', 'Deployment'), '/apis/apps/v1/namespaces/a%20b/deployments');
  assert.is(of('v1', 'Namespace'), '/api/v1/namespaces');
  assert.is(of('rbac.authorization.k8s.io/v1', 'ClusterRole'), '/apis/rbac.authorization.k8s.io/v1/clusterroles');
  assert.is(of('networking.k8s.io/v1', 'Ingress'), '/apis/networking.k8s.io/v1/namespaces/a%20b/ingresses');
  assert.is(of('v1', 'Nothing'), undefined);
  const pods = { base: '/api/v1', plural: 'pods', namespaced: true };
  assert.is(collectionPath(pods), '/api/v1/pods');
  assert.is(collectionPath({ ...pods, namespaced: false }), '/api/v1/pods');
});

test.run();
