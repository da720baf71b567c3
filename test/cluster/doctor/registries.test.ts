// Which registries a cluster's images come from, and how doctor tells which of them is unreachable.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRegistries, imagesOf, probeRegistry } from '../../../scripts/cluster/doctor/registries.ts';

const registries = suite('registries');

const pod = (...images: string[]): object => ({ containers: images.map((image) => ({ name: 'a', image })) });

registries('images are found wherever containers are', () => {
  const object = (spec: object): { object: never; where: string } => ({
    object: { kind: 'X', spec } as never,
    where: 'a',
  });
  const found = imagesOf([
    object(pod('nginx')),
    object({ template: { spec: { ...pod('ghcr.io/a/b:1'), initContainers: [{ image: 'quay.io/c' }] } } }),
    object({ jobTemplate: { spec: { template: { spec: pod('nginx') } } } }),
    object({ names: { kind: 'image' }, image: 'not-a-container' }),
    object({ sidecars: [{ image: 'not-one-either' }], containers: 'none' }),
  ]);
  assert.equal(found, ['nginx', 'ghcr.io/a/b:1', 'quay.io/c']);
});

registries('each registry is asked once, and one that does not answer is named with its images', async () => {
  const asked: string[] = [];
  const images = ['nginx', 'redis:7', 'ghcr.io/a/b:1', 'k3d-cache.localhost:5000/c', 'localhost/d', 'cache.internal/e'];
  const rows = await checkRegistries(images, (host) => {
    asked.push(host);
    return Promise.resolve(host === 'docker.io' ? undefined : 'cannot be reached');
  });
  assert.equal(asked, ['docker.io', 'ghcr.io']);
  assert.equal(
    rows.map(({ name, status, detail }) => [name, status, detail]),
    [
      ['registries', 'ok', 'docker.io: reached'],
      ['registry ghcr.io', 'warn', 'cannot be reached; needed for ghcr.io/a/b:1'],
    ],
  );
});

registries('three images of a registry are named, and of more how many there are', async () => {
  const late = async (n: number): Promise<{ status: string; detail: string }[]> => {
    const images = Array.from({ length: n }, (_, at) => `ghcr.io/a/${at}`);
    return checkRegistries(images, () => Promise.resolve('late'));
  };
  assert.equal(
    (await late(3)).map(({ status, detail }) => [status, detail]),
    [['warn', 'late; needed for ghcr.io/a/0, ghcr.io/a/1, ghcr.io/a/2']],
  );
  assert.match((await late(4))[0]?.detail ?? '', /ghcr\.io\/a\/2 and 1 more$/);
  assert.match((await late(9))[0]?.detail ?? '', /ghcr\.io\/a\/2 and 6 more$/);
  assert.equal(await checkRegistries([], () => Promise.resolve(undefined)), []);
});

registries('a registry that nobody leads to cannot be reached', async () => {
  const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
  const why = await probeRegistry(env, new AbortController().signal)('registry.example.test');
  assert.match(why ?? '', /^https:\/\/registry\.example\.test cannot be reached through the proxy of HTTPS_PROXY /);
});

registries.run();
