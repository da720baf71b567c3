// A set of objects against a small API server: order, outcomes, failures with what they drag along, and what is refused at once.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { apply, ApplyError, type ApplyOptions } from '../../../scripts/kube/apply/apply.ts';
import type { KubeClient } from '../../../scripts/kube/client/client.ts';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { answer, type Arrived, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/apply');

interface Api {
  /** Bodies by path. */
  objects: Map<string, Record<string, unknown>>;
  /** Paths whose apply is refused, with the message. */
  refused: Map<string, string>;
  /** Whether a definition becomes Established when it is watched. */
  establishes: boolean;
  /** The revision of its last write. */
  revision: number;
}

function handle(api: Api, { method, path, query, body }: Arrived, response: Parameters<typeof answer>[0]): void {
  if (method === 'PATCH') {
    const why = api.refused.get(path);
    if (why !== undefined) return answer(response, 422, statusObject(422, 'Invalid', why));
    const known = api.objects.get(path);
    if (known?.['sent'] === body) return answer(response, 200, known);
    api.revision += 1;
    const sent = JSON.parse(body) as { metadata: object };
    const object = {
      ...sent,
      metadata: {
        ...sent.metadata,
        uid: path,
        resourceVersion: String(api.revision),
        managedFields: [{ manager: query.get('fieldManager'), operation: 'Apply', time: new Date().toISOString() }],
      },
      sent: body,
    };
    api.objects.set(path, object);
    return answer(response, known === undefined ? 201 : 200, object);
  }
  if (query.get('watch') !== null) {
    response.writeHead(200);
    response.write('');
    return;
  }
  if (path === '/api' || path === '/apis') return answer(response, 200, { kind: 'APIGroupList', groups: [] });
  if (/^\/apis\/[^/]+\/[^/]+$/.test(path)) return answer(response, 404, statusObject(404, 'NotFound', 'no such group'));
  const status = { conditions: [{ type: 'Established', status: 'True' }] };
  const items = [...api.objects]
    .filter(([at]) => at.startsWith(path) && query.get('labelSelector') === null)
    .map(([, object]) => (api.establishes ? { ...object, status } : object));
  return answer(response, 200, { metadata: { resourceVersion: String(api.revision) }, items });
}

async function withApi(
  use: (client: KubeClient, api: Api, arrived: readonly Arrived[]) => Promise<void>,
  own: Partial<Api> = {},
): Promise<void> {
  const api: Api = { objects: new Map(), refused: new Map(), establishes: true, revision: 10, ...own };
  await withClient(
    (arrived, response) => handle(api, arrived, response),
    (client, server) => use(client, api, server.arrived),
  );
}

const one = (apiVersion: string, kind: string, name: string, more: object = {}, namespace?: string): Manifest => ({
  object: { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...more },
  where: `${name}.yaml:1`,
});
const definition = (served = true): Manifest =>
  one('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'gadgets.example.com', {
    spec: {
      ...{ group: 'example.com', scope: 'Namespaced', names: { kind: 'Gadget', plural: 'gadgets' } },
      versions: [
        { name: 'v1', served },
        { name: 'v1alpha1', served: false },
        { name: 'v2', served: true },
      ],
    },
  });

const outcomes = async (client: KubeClient, manifests: Manifest[], options?: ApplyOptions): Promise<string[]> =>
  (await apply(client, manifests, options)).map(({ outcome }) => outcome);
const patched = (arrived: readonly Arrived[]): string[] =>
  arrived.filter(({ method }) => method === 'PATCH').map(({ path }) => path);

test('created, left alone, changed: in the order given, and reported as they come', () =>
  withApi(async (client, api) => {
    const set = [one('v1', 'ConfigMap', 'a', { data: { a: '1' } }), one('v1', 'ConfigMap', 'b')];
    const seen: string[] = [];
    assert.equal(
      await outcomes(client, set, {
        onResult: ({ manifest, outcome }) => seen.push(`${manifest.object.metadata.name} ${outcome}`),
      }),
      ['created', 'created'],
    );
    assert.equal(seen.sort(), ['a created', 'b created']);
    assert.equal([...api.objects.keys()].sort(), [
      '/api/v1/namespaces/default/configmaps/a',
      '/api/v1/namespaces/default/configmaps/b',
    ]);
    assert.equal(await outcomes(client, set), ['unchanged', 'unchanged']);
    set[0] = one('v1', 'ConfigMap', 'a', { data: { a: '2' } });
    assert.equal(await outcomes(client, set), ['configured', 'unchanged']);
  }));

test('a namespace comes before what is in it, which is created, not changed', () =>
  withApi(async (client, _api, arrived) => {
    const set = [
      one('v1', 'Secret', 's', {}, 'web'),
      one('v1', 'Namespace', 'web'),
      one('v1', 'ConfigMap', 'c', {}, ''),
    ];
    assert.equal(await outcomes(client, set, { namespace: 'mine' }), ['created', 'created', 'created']);
    const paths = patched(arrived);
    assert.ok(paths.indexOf('/api/v1/namespaces/web') < paths.indexOf('/api/v1/namespaces/web/secrets/s'));
    assert.ok(paths.includes('/api/v1/namespaces/mine/configmaps/c'), 'an empty namespace is none');
    assert.equal(await outcomes(client, set, { namespace: 'mine' }), ['unchanged', 'unchanged', 'unchanged']);
  }));

test('an object of a kind that the set defines waits until that is served', () =>
  withApi(async (client, _api, arrived) => {
    assert.equal(await outcomes(client, [one('example.com/v1', 'Gadget', 'g'), definition()]), ['created', 'created']);
    assert.equal(patched(arrived), [
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.com',
      '/apis/example.com/v1/namespaces/default/gadgets/g',
    ]);
    assert.ok(arrived.some(({ query }) => query.get('fieldSelector') === 'metadata.name=gadgets.example.com'));
  }));

test('a definition that nothing in the set needs is not waited for', () =>
  withApi(
    async (client, _api, arrived) => {
      assert.equal(await outcomes(client, [definition(), one('v1', 'ConfigMap', 'a')]), ['created', 'created']);
      assert.not.ok(arrived.some(({ query }) => query.get('fieldSelector') !== null));
    },
    { establishes: false },
  ));

test('one that is never served fails, and so does what needs it; the rest is applied', () =>
  withApi(
    async (client, api) => {
      const set = [one('v1', 'ConfigMap', 'a'), one('example.com/v1', 'Gadget', 'g'), definition()];
      let error: ApplyError | undefined;
      const message = await givingUp(/it is not there/, async (patienceMs) => {
        error = await thrown(ApplyError, apply(client, set, { patienceMs }));
        return error.message;
      });
      assert.is(
        message,
        '2 of 3 objects could not be applied:\n' +
          '  g.yaml:1: Gadget default/g: not tried, because it needs CustomResourceDefinition gadgets.example.com (gadgets.example.com.yaml:1)\n' +
          '  gadgets.example.com.yaml:1: CustomResourceDefinition gadgets.example.com: CustomResourceDefinition gadgets.example.com after N s: is not Established yet',
      );
      assert.is(error?.failures[0]?.cause, undefined);
      assert.ok(error?.failures[1]?.cause instanceof Error);
      assert.ok(api.objects.has('/api/v1/namespaces/default/configmaps/a'));
    },
    { establishes: false },
  ));

test('every refusal is in the error, with its hint', () =>
  withApi(
    async (client, api) => {
      const set = ['a', 'b', 'c'].map((name) => one('v1', 'ConfigMap', name));
      const error = await thrown(ApplyError, apply(client, set));
      assert.match(
        error.message,
        /^2 of 3 objects could not be applied:\n {2}a\.yaml:1: ConfigMap default\/a: .*bad a\n {2}c\.yaml:1: .*bad c$/,
      );
      assert.equal([...api.objects.keys()], ['/api/v1/namespaces/default/configmaps/b']);
    },
    { refused: new Map(['a', 'c'].map((name) => [`/api/v1/namespaces/default/configmaps/${name}`, `bad ${name}`])) },
  ));

test('kinds that the server does not have are all reported before anything is applied', () =>
  withApi(async (client, api, arrived) => {
    const set = [
      one('v1', 'ConfigMap', 'a'),
      one('apps/v1', 'Deploymnet', 'd'),
      one('example.com/v3', 'Gadget', 'g'),
      definition(false),
      one('example.com/v1', 'Gadget', 'h'),
      one('example.com/v2', 'Gadget', 'i'),
      one('nowhere.example/v1', 'Thing', 't'),
    ];
    const error = await thrown(ConfigError, apply(client, set));
    assert.equal(
      error.problems.map(({ where, message }) => `${where} ${message}`),
      [
        'd.yaml:1 the server has no kind "apps/v1 Deploymnet"; did you mean "apps/v1 Deployment"?',
        'g.yaml:1 Gadget: its definition in the same set serves v2, not v3',
        'h.yaml:1 Gadget: its definition in the same set serves v2, not v1',
        't.yaml:1 the server has no kind "nowhere.example/v1 Thing"',
      ],
    );
    assert.equal([api.objects.size, patched(arrived).length], [0, 0]);
  }));

test('as many requests at once as are allowed', async () => {
  for (const concurrency of [1, 3]) {
    const open: (() => void)[] = [];
    let most = 0;
    await withClient(
      async ({ method, body }, response) => {
        if (method !== 'PATCH') return answer(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
        most = Math.max(
          most,
          open.push(() => answer(response, 201, JSON.parse(body))),
        );
        if (open.length < concurrency) return;
        // Whatever else was sent with these arrives before they are answered.
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        for (const end of open.splice(0)) end();
      },
      async (client) => {
        const set = Array.from({ length: 9 }, (_, at) => one('v1', 'ConfigMap', `c${at}`));
        assert.is((await apply(client, set, { concurrency })).length, 9);
      },
    );
    assert.is(most, concurrency);
  }
});

test('an end from outside is the reason', () =>
  withApi(async (client) => {
    const reason = new Error('enough');
    const error = await apply(client, [one('v1', 'ConfigMap', 'a')], { signal: AbortSignal.abort(reason) }).catch(
      (e: unknown) => e,
    );
    assert.is(error, reason);
  }));

test.run();
