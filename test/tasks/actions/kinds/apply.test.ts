// Applying manifests from a task: to which cluster and namespace, and what the record says came of it.

import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject, withKubeServer } from '../../../doubles/kube-server.ts';
import { type Ran, type World, createWorld } from '../../world.ts';

const applying = suite<World>('tasks: apply');

applying.before.each((context) => void Object.assign(context, createWorld()));
applying.after.each((context) => context.close());

const manifest = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

/** Runs an `apply` of two ConfigMaps against a server that refuses those named `refused`; resolves with what it was sent. */
async function applied(world: World, action: string, second: string): Promise<{ ran: Ran; sent: string[] }> {
  const sent: string[] = [];
  let result: Ran | undefined;
  await withKubeServer(
    ({ method, path, body }, response) => {
      if (method !== 'PATCH') return answer(response, 404, statusObject(404, 'NotFound', `no ${path}`));
      sent.push(path);
      if (path.endsWith('/refused')) return answer(response, 422, statusObject(422, 'Invalid', 'not this one'));
      const object = JSON.parse(body) as { metadata: object };
      answer(response, 201, { ...object, metadata: { ...object.metadata, uid: path, resourceVersion: '7' } });
    },
    async ({ connection: { server } }) => {
      const cluster = { name: 'k', cluster: { server } };
      const context = { name: 'c', context: { cluster: 'k', user: 'u', namespace: 'of-context' } };
      const config = {
        clusters: [cluster],
        contexts: [context],
        users: [{ name: 'u', user: {} }],
        'current-context': 'c',
      };
      world.write('kubeconfig', JSON.stringify(config));
      world.write('objects/all.yaml', `${manifest('one')}---\n${manifest(second)}`);
      const env = { PATH: process.env['PATH'], HOME: world.folder, KUBECONFIG: join(world.folder, 'kubeconfig') };
      result = await world.run(`tasks: [{name: default, actions: [{apply: ${action}}]}]\n`, { env });
    },
    { protocol: 'http' },
  );
  if (result === undefined) throw new Error('it did not run');
  return { ran: result, sent: sent.sort() };
}

applying('the namespace is that of the action, else that of the context; what came of it is counted', async (world) => {
  const { ran, sent } = await applied(world, '{files: [objects/all.yaml]}', 'two');
  assert.is(ran.error, undefined);
  const base = '/api/v1/namespaces/of-context/configmaps';
  assert.equal(sent, [`${base}/one`, `${base}/two`]);
  assert.equal(
    ran.run.steps.flatMap(({ notes = [] }) => notes),
    ['2 created'],
  );
  const named = await applied(world, '{files: [objects/all.yaml], namespace: team}', 'two');
  assert.equal(named.sent, ['/api/v1/namespaces/team/configmaps/one', '/api/v1/namespaces/team/configmaps/two']);
});

applying('a refusal fails the action with the words of the server', async (world) => {
  const { ran } = await applied(world, '{files: [objects/all.yaml]}', 'refused');
  assert.match(ran.failures[0]?.message ?? '', 'not this one');
});

applying.run();
