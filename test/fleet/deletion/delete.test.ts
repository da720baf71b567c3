import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deleteListed } from '../../../scripts/fleet/deletion/delete.ts';
import { type Answer, refused, scriptedSpoke } from '../scripted.ts';

const deleting = suite('fleet/deletion/delete');

const listed = { metadata: { name: 'a:b', namespace: 'n', uid: 'u', resourceVersion: '7' } };
const maps = { base: '/api/v1', plural: 'configmaps', namespaced: true };

async function deleted(answer: Answer, dryRun = false) {
  const { spoke, requests } = scriptedSpoke(() => answer);
  const end = await deleteListed(spoke, maps, listed, { signal: new AbortController().signal, dryRun }).catch(String);
  return { end, request: requests[0], asked: requests.length };
}

deleting('an object goes only as it was seen; in a rehearsal it stays', async () => {
  const { end, request } = await deleted({});
  assert.is(end, undefined);
  assert.equal([request?.method, request?.path], ['DELETE', '/api/v1/namespaces/n/configmaps/a%3Ab']);
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions: { uid: 'u', resourceVersion: '7' },
  };
  assert.equal(request?.body, body);
  assert.equal((await deleted({}, true)).request?.body, { ...body, dryRun: ['All'] });
});

deleting('one that has gone is gone, one that has changed is left, and a refusal is thrown', async () => {
  assert.is((await deleted(refused(404, 'gone'))).end, undefined);
  assert.is((await deleted(refused(409, 'changed'))).end, 'it has changed since it was listed');
  assert.match((await deleted(refused(403, 'not allowed'))).end ?? '', 'not allowed');
});

deleting.run();
