// One apply: what is sent, which refusals are tried again, and which are not.

import type { Http2ServerResponse } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import { send, type SendOptions, type Sent } from '../../../scripts/kube/apply/send.ts';
import { ServicesError } from '../../../scripts/base/errors.ts';
import { answer, type Arrived, statusObject } from '../../doubles/kube-server.ts';
import { givingUp, thrown, withClient } from '../helpers.ts';

const test = suite('kube/apply/send');

const RESOURCE = { base: '/apis/apps/v1', plural: 'deployments', namespaced: true };
const object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a/b', namespace: 'web' },
  spec: { replicas: 2, paused: true },
};
const PATH = '/apis/apps/v1/namespaces/web/deployments/a%2Fb';

type Answerer = (response: Http2ServerResponse, arrived: Arrived) => void;
const ok: Answerer = (response) =>
  answer(response, 200, { metadata: { name: 'a/b', uid: 'u2', resourceVersion: '7' } });
const dying: Answerer = (response) =>
  answer(response, 200, { metadata: { name: 'a/b', uid: 'u1', deletionTimestamp: '2026-01-01T00:00:00Z' } });
const refuse =
  (code: number, reason: string, message: string, details: object = {}): Answerer =>
  (response) =>
    answer(response, code, statusObject(code, reason, message, details));
const raced = refuse(409, 'Conflict', 'the object has been modified');
const owned = refuse(409, 'Conflict', 'owned', {
  causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas', message: 'conflict with "hpa" using v1' }],
});
const noAccount = refuse(
  403,
  'Forbidden',
  'error looking up service account web/default: serviceaccount "default" not found',
);
const list =
  (...items: object[]): Answerer =>
  (response) =>
    answer(response, 200, { metadata: { resourceVersion: '1' }, items });

/** Applies against answers that are given in this order. */
async function sent(
  answers: readonly Answerer[],
  options: Partial<SendOptions>,
  check: (result: () => Promise<Sent>, arrived: readonly Arrived[]) => Promise<void>,
  manifest = object as typeof object & Record<string, unknown>,
): Promise<void> {
  let given = 0;
  await withClient(
    (arrived, response) => {
      const next = answers[given++];
      if (next) next(response, arrived);
      else answer(response, 500, statusObject(500, 'Unexpected', `request ${given} to ${arrived.path}`));
    },
    async (client, server) => {
      const all: SendOptions = {
        ...{ fieldManager: 'me', onConflict: 'decide', signal: undefined, patienceMs: 5_000 },
        ...{ justDefined: false, whole: false, ...options },
      };
      await check(() => send(client, { object: manifest, where: 'a.yaml:1' }, RESOURCE, all), server.arrived);
    },
  );
}

test('one request with the manager, which asks for metadata alone', () =>
  sent([ok], {}, async (result, arrived) => {
    const before = performance.now();
    const { status, object: answered, taken, left, elapsedMs, date } = await result();
    assert.equal([status, answered.metadata.uid, taken, left], [200, 'u2', [], []]);
    assert.ok(elapsedMs >= 0 && elapsedMs <= performance.now() - before);
    assert.type(date, 'string');
    assert.is(arrived.length, 1);
    const [{ method, path, query, headers, body } = {} as Arrived] = arrived;
    assert.equal([method, path, query.toString()], ['PATCH', PATH, 'fieldManager=me']);
    assert.is(headers['content-type'], 'application/apply-patch+yaml');
    assert.match(String(headers['accept']), /PartialObjectMetadata/);
    assert.equal(JSON.parse(body), object);
  }));

test('a whole answer where it is wanted, and a dry run that stays one', () =>
  sent([dying], { whole: true, dryRun: true }, async (result, arrived) => {
    await result();
    assert.is(arrived.length, 1, 'a dry run does not wait for what is being deleted');
    assert.not.match(String(arrived[0]?.headers['accept']), /PartialObjectMetadata/);
    assert.is(arrived[0]?.query.get('dryRun'), 'All');
  }));

test('what others own is left to them, and the rest is forced', () =>
  sent([owned, ok], {}, async (result, arrived) => {
    const { left, taken } = await result();
    assert.equal([left, taken], [[{ field: '.spec.replicas', manager: 'hpa' }], []]);
    assert.equal(
      arrived.map(({ query }) => query.get('force')),
      [null, 'true'],
    );
    assert.equal((JSON.parse(arrived[1]?.body ?? '{}') as typeof object).spec, { paused: true });
  }));

test('policy fail: the refusal is the error', () =>
  sent([owned], { onConflict: 'fail' }, async (result, arrived) => {
    assert.is((await thrown(KubeApiError, result())).status, 409);
    assert.is(arrived.length, 1);
  }));

test('another writer in between: again, but not forever', async () => {
  await sent([raced, raced, raced, raced, ok], {}, async (result, arrived) => {
    assert.is((await result()).status, 200);
    assert.is(arrived.length, 5);
  });
  await sent(Array<Answerer>(9).fill(raced), {}, async (result, arrived) => {
    assert.match((await thrown(KubeApiError, result())).message, /has been modified/);
    assert.is(arrived.length, 5);
  });
  await sent([raced, ok], { patienceMs: 0 }, async (result, arrived) => {
    assert.is((await thrown(KubeApiError, result())).status, 409);
    assert.is(arrived.length, 1, 'without time there is no second try');
  });
});

test('a definition of the same set may not be known yet everywhere; a kind that is unknown otherwise is an error', async () => {
  const unknown = refuse(404, 'NotFound', 'the server could not find the requested resource');
  const noNamespace = refuse(404, 'NotFound', 'namespaces "web" not found', { kind: 'namespaces', name: 'web' });
  await sent([unknown, unknown, ok], { justDefined: true }, async (result) => {
    assert.is((await result()).status, 200);
  });
  await sent([unknown, ok], { justDefined: false }, async (result) => {
    assert.is((await thrown(KubeApiError, result())).status, 404);
  });
  await sent([noNamespace, ok], { justDefined: true }, async (result) => {
    assert.is((await thrown(KubeApiError, result())).status, 404);
  });
});

test('a namespace without its default account is waited for', async () => {
  const account = { metadata: { name: 'default', namespace: 'web' } };
  await sent([noAccount, list(account), ok], {}, async (result, arrived) => {
    assert.is((await result()).status, 200);
    assert.is(arrived[1]?.path, '/api/v1/namespaces/web/serviceaccounts');
  });
  await sent([refuse(403, 'Forbidden', 'cannot patch'), ok], {}, async (result) => {
    assert.is((await thrown(KubeApiError, result())).status, 403);
  });
  const bare = { ...object, metadata: { name: 'x' } } as unknown as typeof object;
  await sent(
    [noAccount, list({ metadata: { name: 'default', namespace: 'default' } }), ok],
    {},
    async (result, arrived) => {
      await result();
      assert.is(arrived[1]?.path, '/api/v1/namespaces/default/serviceaccounts');
    },
    bare,
  );
});

test('one that is being deleted is made again when it is gone', () =>
  sent([dying, list(), ok], {}, async (result, arrived) => {
    assert.is((await result()).object.metadata.uid, 'u2');
    assert.equal(
      arrived.map(({ method, path }) => `${method} ${path.replace(PATH, 'IT')}`),
      ['PATCH IT', 'GET /apis/apps/v1/namespaces/web/deployments', 'PATCH IT'],
    );
  }));

test('one that is held is an error that says by what', async () => {
  const held = list({ metadata: { name: 'a/b', uid: 'u1', finalizers: ['x/y'] } });
  const message = await givingUp(/ s$/, async (patienceMs) => {
    let said = '';
    await sent([dying, held, (response) => void response.writeHead(200)], { patienceMs }, async (result) => {
      said = (await thrown(ServicesError, result())).message;
    });
    return said;
  });
  assert.match(
    message,
    /^is being deleted, since 2026-01-01T00:00:00Z, and not gone after .* s: held by the finalizers x\/y$/,
  );
});

test.run();
