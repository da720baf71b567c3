// Parts of a snapshot that come from their own requests: the kinds that a server knows, and the users of pull secrets.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answer, statusObject } from '../../../doubles/kube-server.ts';
import { type Made, bundleOf, bundleSpec, list } from '../../world.ts';

const snapshot = suite('snapshot');

const SPEC = bundleSpec('  collectors:\n    - clusterResources: {}\n');

/** A bundle of a cluster that gives these answers; a number is a refusal with that status. */
function made(answers: Readonly<Record<string, object | number>>, spec = SPEC): Promise<Made> {
  return bundleOf(spec, {
    handle({ path }, response) {
      const found = answers[path];
      if (found === undefined) return false;
      if (typeof found === 'number') answer(response, found, statusObject(found, 'Refused', `no ${path}`));
      else answer(response, 200, found);
      return true;
    },
  });
}

const file = ({ files }: Made, name: string): unknown => {
  const text = files.get(`cluster-resources/${name}`);
  return text === undefined ? undefined : JSON.parse(text);
};

const group = {
  name: 'apps',
  versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
  preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
};

snapshot('the core group comes first, each group is asked for its kinds', async () => {
  const of = (groupVersion: string): object => ({ kind: 'APIResourceList', groupVersion, resources: [] });
  const bundle = await made({ '/apis': { groups: [group] }, '/api/v1': of('v1'), '/apis/apps/v1': of('apps/v1') });
  const core = { groupVersion: 'v1', version: 'v1' };
  assert.equal(file(bundle, 'groups.json'), [{ name: '', versions: [core], preferredVersion: core }, group]);
  assert.equal(
    file(bundle, 'resources.json'),
    ['v1', 'apps/v1'].map((groupVersion) => ({ groupVersion, resources: [] })),
  );
  assert.is(file(bundle, 'groups-resources-errors.json'), undefined);
});

snapshot('a group that does not answer costs its own kinds alone', async () => {
  const bundle = await made({ '/apis': { groups: [group] }, '/apis/apps/v1': 403 });
  assert.is((file(bundle, 'resources.json') as object[]).length, 1);
  assert.is((file(bundle, 'groups-resources-errors.json') as string[]).length, 1);
  const without = await made({ '/api': 403, '/apis': { groups: [group] } });
  assert.equal(file(without, 'groups.json'), [group]);
});

const secret = (namespace: string, name: string, auths: object): object => ({
  metadata: { namespace, name },
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
});
const auth = Buffer.from('robot:zq9-word:more').toString('base64');

snapshot('pull secrets: the users by registry, never the password', async () => {
  const auths = { 'a.example': { auth }, 'b.example': { username: 'me', password: 'zq9-word' }, 'c.example': {} };
  const bad = { metadata: { namespace: 'two', name: 'bad' }, data: { '.dockerconfigjson': 'bm8=' } };
  const bundle = await made({
    '/api/v1/secrets': list([secret('one', 's', auths), secret('one', 'none', {}), secret('gone', 's', auths), bad]),
  });
  assert.equal(file(bundle, 'image-pull-secrets/one/s.json'), {
    'a.example': 'robot',
    'b.example': 'me',
    'c.example': '',
  });
  const names = [...bundle.files.keys()].filter((path) => path.includes('image-pull-secrets/'));
  assert.equal(names, ['cluster-resources/image-pull-secrets/one/s.json']);
  assert.equal(Object.keys(file(bundle, 'image-pull-secrets-errors.json') as object), ['two/bad']);
  for (const text of bundle.files.values()) assert.not.match(text ?? '', 'zq9-word');
});

snapshot(
  'pull secrets of all namespaces are one request; where that is forbidden, one for each namespace',
  async () => {
    const own = { '/api/v1/namespaces/one/secrets': list([secret('one', 's', { r: { auth } })]) };
    const asked = ({ requests }: Made): string[] =>
      requests.flatMap((one) => /^GET (\S*\/secrets)\?.*dockerconfigjson/.exec(one)?.[1] ?? []).sort();
    assert.equal(asked(await made({ '/api/v1/secrets': list([]) })), ['/api/v1/secrets']);
    const forbidden = await made({ '/api/v1/secrets': 403, ...own });
    assert.equal(asked(forbidden), [
      '/api/v1/namespaces/one/secrets',
      '/api/v1/namespaces/two/secrets',
      '/api/v1/secrets',
    ]);
    assert.equal(file(forbidden, 'image-pull-secrets/one/s.json'), { r: 'robot' });
    const broken = await made({ '/api/v1/secrets': 400, ...own });
    assert.equal(asked(broken), ['/api/v1/secrets']);
    assert.equal(Object.keys(file(broken, 'image-pull-secrets-errors.json') as object), ['all namespaces']);
  },
);

snapshot.run();
