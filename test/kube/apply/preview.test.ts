// What an apply would change: only dry runs, each object with its live one, and no failure for what is refused.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { preview, type Preview } from '../../../scripts/kube/apply/preview.ts';
import type { Manifest } from '../../../scripts/kube/manifests/manifest.ts';
import { answer, type Arrived, statusObject } from '../../doubles/kube-server.ts';
import { thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/preview');

const { signal } = new AbortController();
const one = (apiVersion: string, kind: string, name: string, namespace?: string): Manifest => ({
  object: {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data: { new: '1' },
  },
  where: 'a.yaml:1',
});

async function previewed(
  manifests: Manifest[],
  check: (all: Preview[], arrived: readonly Arrived[]) => void,
): Promise<void> {
  await withClient(
    ({ method, path, body, query }, response) => {
      if (path === '/api' || path === '/apis') return answer(response, 200, { kind: 'APIGroupList', groups: [] });
      if (path.endsWith('/absent') || path.startsWith('/apis/'))
        return answer(response, 404, statusObject(404, 'NotFound', 'none'));
      if (path.endsWith('/secret')) return answer(response, 500, statusObject(500, 'InternalError', 'broken'));
      if (method === 'GET') return answer(response, 200, { metadata: { name: 'x' }, data: { old: '1' } });
      assert.is(query.get('dryRun'), 'All');
      if (path.endsWith('/bad')) return answer(response, 422, statusObject(422, 'Invalid', 'it is bad'));
      if (path.endsWith('/owned') && query.get('force') === null) {
        const causes = [
          { reason: 'FieldManagerConflict', field: '.data.new', message: 'conflict with "hpa" using v1' },
        ];
        return answer(response, 409, statusObject(409, 'Conflict', 'owned', { causes }));
      }
      return answer(response, 200, { ...(JSON.parse(body) as object), manager: query.get('fieldManager') });
    },
    async (client, server) => check(await preview(client, manifests, { signal }), server.arrived),
  );
}

test('the live object and what it would be, in the order given', () =>
  previewed([one('v1', 'ConfigMap', 'b'), one('v1', 'ConfigMap', 'a', 'web')], (all, arrived) => {
    assert.equal(
      all.map(({ manifest }) => manifest.object.metadata),
      [
        { name: 'b', namespace: 'default' },
        { name: 'a', namespace: 'web' },
      ],
    );
    for (const { live, next, left, refused } of all) {
      assert.equal(live, { metadata: { name: 'x' }, data: { old: '1' } });
      assert.equal((next as unknown as { data: object; manager: string }).data, { new: '1' });
      assert.is((next as unknown as { manager: string }).manager, 'hoist');
      assert.equal([left, refused], [[], undefined]);
    }
    assert.equal(
      arrived.filter(({ method }) => method !== 'GET' && method !== 'PATCH'),
      [],
    );
  }));

test('one that is not there would be made, and is not asked for', () =>
  previewed([one('v1', 'ConfigMap', 'absent'), one('example.com/v1', 'Gadget', 'g')], ([absent, unknown], arrived) => {
    assert.equal([absent?.live, absent?.next, absent?.left], [undefined, undefined, []]);
    assert.equal([unknown?.live, unknown?.next, unknown?.left], [undefined, undefined, []]);
    assert.equal(
      arrived.filter(({ method }) => method === 'PATCH'),
      [],
    );
  }));

test('a refusal is part of the answer, and so is what is left to others', () =>
  previewed([one('v1', 'ConfigMap', 'bad'), one('v1', 'ConfigMap', 'owned')], ([bad, owned]) => {
    assert.match(bad?.refused ?? '', /it is bad/);
    assert.is(bad?.next, undefined);
    assert.is.not(bad?.live, undefined);
    assert.equal(owned?.left, [{ field: '.data.new', manager: 'hpa' }]);
    assert.is.not(owned?.next, undefined);
    assert.equal((owned?.next as unknown as { data?: object }).data, {});
  }));

test('a namespace is taken from what has none, and an empty one is the default', () =>
  previewed([one('v1', 'Namespace', 'n', 'wrong'), one('v1', 'ConfigMap', 'c', '')], ([namespace, empty]) => {
    assert.equal(namespace?.manifest.object.metadata, { name: 'n' });
    assert.equal(empty?.manifest.object.metadata, { name: 'c', namespace: 'default' });
  }));

test('an answer that is neither is an error', async () => {
  const error = await thrown(
    KubeApiError,
    previewed([one('v1', 'ConfigMap', 'secret')], () => assert.unreachable()),
  );
  assert.is(error.status, 500);
});

test.run();
