// Which rights a run needs on a cluster of others, and how those that are missing are listed.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HealthError } from '../../../scripts/base/errors.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { assertRights, missingLines, neededRights, type Right } from '../../../scripts/providers/existing/rights.ts';
import type { Work } from '../../../scripts/providers/provider.ts';
import { answer, statusObject } from '../../doubles/kube-server.ts';
import { thrown, withClient } from '../../kube/helpers.ts';

const test = suite('providers/existing/rights');
const { signal } = new AbortController();

const text = ({ verb, group, resource, namespace = '*' }: Right): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`} ${namespace}`;

async function needed(work: Partial<Work> | undefined): Promise<string[]> {
  let rights: Right[] = [];
  const all = work && { objects: [], namespaces: [], releaseNamespaces: [], ...work };
  await withClient(
    ({ path }, response) => {
      if (path === '/api' || path === '/apis') answer(response, 200, { kind: 'APIGroupList', groups: [] });
      else answer(response, 404, statusObject(404, 'NotFound', path));
    },
    async (client) => void (rights = await neededRights(client, all, signal)),
  );
  return rights.map(text);
}

test('objects are made and patched in their namespace, workloads are watched, definitions of the run are left out', async () => {
  const objects = [
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'web', name: 'a' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'c' },
    { apiVersion: 'v1', kind: 'Namespace', namespace: 'odd', name: 'n' },
    { apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'd' },
  ];
  assert.equal(await needed({ objects }), [
    'list serviceaccounts default',
    'watch serviceaccounts default',
    'create deployments.apps web',
    'patch deployments.apps web',
    'list deployments.apps web',
    'watch deployments.apps web',
    'create configmaps default',
    'patch configmaps default',
    'create namespaces *',
    'patch namespaces *',
  ]);
});

test('accounts of several namespaces are watched everywhere, and helm keeps its releases in secrets', async () => {
  assert.equal(await needed({ namespaces: ['a'], releaseNamespaces: ['web'] }), [
    'list serviceaccounts *',
    'watch serviceaccounts *',
    ...['create', 'get', 'list', 'update', 'delete'].map((verb) => `${verb} secrets web`),
  ]);
  assert.equal(await needed(undefined), []);
});

const right = (verb: string, resource: string, namespace?: string, group = ''): Right => ({
  verb,
  group,
  resource,
  namespace,
});

async function assertWith(
  allowed: (attributes: Record<string, string | undefined>) => boolean,
  rights: Right[],
  check: (done: Promise<void>) => Promise<void>,
): Promise<number> {
  let asked = 0;
  await withClient(
    ({ body }, response) => {
      asked += 1;
      const { spec } = JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } };
      answer(response, 201, { status: { allowed: allowed(spec.resourceAttributes) } });
    },
    (client) => check(assertRights(client, rights, 'ann', signal)),
  );
  return asked;
}

test('who may do anything is asked once; who may do all that is needed, for each', async () => {
  const rights = [right('create', 'pods', 'a'), right('list', 'nodes')];
  assert.is(
    await assertWith(
      ({ verb }) => verb === '*',
      rights,
      (done) => done,
    ),
    1,
  );
  assert.is(
    await assertWith(
      ({ verb }) => verb !== '*',
      rights,
      (done) => done,
    ),
    3,
  );
});

test('what is missing is named, and nothing that is there', async () => {
  await assertWith(
    ({ verb, namespace }) => verb !== '*' && namespace !== 'a',
    [right('create', 'pods', 'a'), right('list', 'nodes')],
    async (done) => {
      const error = await thrown(HealthError, done);
      assert.is(error.message, 'ann lacks rights that this run needs:\n  pods: create in a');
    },
  );
});

test('where rights cannot be asked for that is said; another refusal stays one', async () => {
  for (const status of [403, 500]) {
    await withClient(
      (_, response) => answer(response, status, statusObject(status, 'Any', 'because')),
      async (client) => {
        const done = assertRights(client, [], 'ann', signal);
        if (status === 403)
          assert.match((await thrown(HealthError, done)).message, /SelfSubjectAccessReview is forbidden/);
        else assert.is((await thrown(KubeApiError, done)).status, 500);
      },
    );
  }
});

test('one line for all verbs and namespaces that go together', () => {
  const missing = [
    right('create', 'configmaps', 'a'),
    right('patch', 'configmaps', 'a'),
    right('create', 'configmaps', 'b'),
    right('patch', 'configmaps', 'b'),
    right('create', 'deployments', 'a', 'apps'),
    right('create', 'namespaces'),
    right('create', 'configmaps', 'c'),
  ];
  assert.equal(missingLines(missing), [
    '  configmaps: create, patch in a, b',
    '  deployments.apps: create in a',
    '  namespaces: create in the whole cluster',
    '  configmaps: create in c',
  ]);
});

test.run();
