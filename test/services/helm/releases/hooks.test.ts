// Which hooks of a release have not ended, and why.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pendingHooks } from '../../../../scripts/services/helm/releases/hooks.ts';
import { answer } from '../../../doubles/kube-server.ts';
import { withClient } from '../../../kube/helpers.ts';

const test = suite('services/helm/releases/hooks');

const object = (name: string, hook: string | undefined, status: object = {}, labels: object = {}): object => ({
  metadata: { name, labels, ...(hook === undefined ? {} : { annotations: { 'helm.sh/hook': hook } }) },
  status,
});
const condition = (type: string, status = 'True', more: object = {}): object => ({
  conditions: [{ type, status, ...more }],
});

async function hooks(jobs: object[], pods: object[]): Promise<string[]> {
  let found: string[] = [];
  await withClient(
    ({ path }, response) => answer(response, 200, { items: path.endsWith('/jobs') ? jobs : pods }),
    async (client) => void (found = await pendingHooks(client, 'web', new AbortController().signal)),
  );
  return found;
}

test('jobs that are hooks and not complete, with the reason of their pods', async () => {
  const jobs = [
    object('done', 'pre-install', condition('Complete')),
    object('not-so', 'pre-install,post-upgrade', condition('Complete', 'False')),
    object('failing', 'post-install', condition('Failed')),
    object('ordinary', undefined),
    object('tests', 'test'),
    object('both', 'test,post-install'),
  ];
  const waiting = { containerStatuses: [{ name: 'c', state: { waiting: { reason: 'ErrImagePull' } } }] };
  const of = (job: string): object => ({ 'batch.kubernetes.io/job-name': job });
  const pods = [
    object('a', undefined, waiting, of('not-so')),
    object('b', undefined, condition('Ready'), of('failing')),
  ];
  assert.equal(await hooks(jobs, pods), [
    'Job not-so (pre-install,post-upgrade) has not ended: container c: ErrImagePull',
    'Job failing (post-install) has not ended: it runs and does not end',
    'Job both (test,post-install) has not ended: it has no pod',
  ]);
});

test('pods that are hooks themselves', async () => {
  const pods = [
    object('ended', 'pre-install', { phase: 'Succeeded' }),
    object('pending', 'pre-install', { phase: 'Pending' }),
    object('plain', undefined, { phase: 'Pending' }),
  ];
  assert.equal(await hooks([], pods), ['Pod pending (pre-install) has not ended: is Pending']);
});

test('none where they may not be read', () =>
  withClient(
    (_, response) => answer(response, 403, '{}'),
    async (client) => assert.equal(await pendingHooks(client, 'web', new AbortController().signal), []),
  ));

test.run();
