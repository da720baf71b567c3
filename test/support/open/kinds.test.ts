// Kinds of objects: which are built in, where etcd has them, and which address an API server has for them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtIn, collectionPath, kindOfFile, known } from '../../../scripts/support/open/kinds.ts';

const test = suite('support/open/kinds');

test('a kind is built in by its group, whatever the version', () => {
  assert.is(builtIn('Deployment', 'extensions/v1beta1')?.apiVersion, 'apps/v1');
  assert.is(builtIn('Ingress', 'networking.k8s.io/v1beta1')?.prefix, 'ingress');
  assert.is(builtIn('Pod', 'v1')?.plural, 'pods');
  assert.is(builtIn('Service', 'serving.knative.dev/v1'), undefined);
  assert.is(builtIn('Widget', 'v1'), undefined);
});

test('the files of a bundle stand for kinds', () => {
  assert.is(kindOfFile('namespaces')?.kind, 'Namespace');
  assert.is(kindOfFile('custom-resource-definitions')?.kind, 'CustomResourceDefinition');
  assert.is(kindOfFile('pods')?.namespaced, true);
  assert.is(kindOfFile('nodes')?.namespaced, false);
  assert.is(kindOfFile('no-such-file'), undefined);
  assert.throws(() => known('Widget'), 'Widget is no kind of the table');
});

test('scopes, prefixes and addresses are those of kube-apiserver', () => {
  const table: [kind: string, namespaced: boolean, prefix: string, path: string][] = [
    ['Pod', true, 'pods', '/api/v1/pods'],
    ['Node', false, 'minions', '/api/v1/nodes'],
    ['Namespace', false, 'namespaces', '/api/v1/namespaces'],
    ['Secret', true, 'secrets', '/api/v1/secrets'],
    ['ReplicationController', true, 'controllers', '/api/v1/replicationcontrollers'],
    ['PodTemplate', true, 'podtemplates', '/api/v1/podtemplates'],
    ['ControllerRevision', true, 'controllerrevisions', '/apis/apps/v1/controllerrevisions'],
    ['HorizontalPodAutoscaler', true, 'horizontalpodautoscalers', '/apis/autoscaling/v2/horizontalpodautoscalers'],
    ['CSIDriver', false, 'csidrivers', '/apis/storage.k8s.io/v1/csidrivers'],
    ['CSINode', false, 'csinodes', '/apis/storage.k8s.io/v1/csinodes'],
    ['RuntimeClass', false, 'runtimeclasses', '/apis/node.k8s.io/v1/runtimeclasses'],
    [
      'CustomResourceDefinition',
      false,
      'apiextensions.k8s.io/customresourcedefinitions',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    ],
    ['Service', true, 'services/specs', '/api/v1/services'],
    ['Deployment', true, 'deployments', '/apis/apps/v1/deployments'],
  ];
  for (const [kind, namespaced, prefix, path] of table) {
    const found = known(kind);
    assert.equal([found.namespaced, found.prefix, collectionPath(found)], [namespaced, prefix, path], kind);
  }
});

test.run();
