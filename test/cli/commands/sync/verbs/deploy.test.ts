// `hoist sync deploy`: what is on stdout, and images that none can be.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { type Place, createPlace } from '../../../invoke.ts';

const test = suite<Place>('cli/commands/sync/verbs/deploy');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('an image that none can be is refused before anything is written', async ({ invoke }) => {
  for (const image of ['', 'a b', 'Not/Lower:1', 'x:']) {
    const { code, error, stdout } = await invoke('sync', ['deploy', '--image', image]);
    assert.equal([code, stdout], [2, ''], image);
    assert.match(error, `--image ${JSON.stringify(image)} has`.replace('"" has', '"" is'));
  }
  assert.is((await invoke('sync', ['deploy', '--image', 'registry.example.com/hoist-sync:1'])).code, 0);
});

test('three pods of the image in a namespace, or as many as are asked for', async ({ invoke }) => {
  const of = async (...more: string[]): Promise<unknown[]> => {
    const { stdout, stderr } = await invoke('sync', ['deploy', '--image', 'a/b:1', ...more]);
    const all = parseAllDocuments(stdout).map(
      (one) => one.toJS() as { kind: string; metadata: { namespace?: string }; spec: { replicas: number } },
    );
    const pods = all.find(({ kind }) => kind === 'StatefulSet');
    return [pods?.spec.replicas, pods?.metadata.namespace, /in namespace (\S+):/.exec(stderr)?.[1]];
  };
  assert.equal(await of(), [3, 'hoist-sync', 'hoist-sync']);
  assert.equal(await of('--replicas', '5', '--namespace', 'own'), [5, 'own', 'own']);
  assert.match((await invoke('sync', ['deploy'])).error, '--image is needed');
});

test.run();
