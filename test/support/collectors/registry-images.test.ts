// registryImages: whether images are there, which login is used for them, and what is said of those that are not.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hostRegistryImages, registryImages } from '../../../scripts/support/collectors/registry-images.ts';
import { runCollector } from './running.ts';

const test = suite('support/collectors/registry-images');

interface Registry {
  host: string;
  /** Logins that came, decoded; '' for none. */
  logins: Set<string>;
}

/** Has `good`, knows the repository `known`, wants the login `u:p` for `closed`, and breaks for `broken`. */
async function withRegistry(use: (registry: Registry) => Promise<void>): Promise<void> {
  const logins = new Set<string>();
  const server = createServer(({ url = '', headers }, response) => {
    const [, , repository = '', what] = url.split('/');
    if (what !== 'manifests') {
      response.writeHead(200).end('{}');
      return;
    }
    const login = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    logins.add(login);
    const say = (status: number, code: string): void =>
      void response
        .writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="x"' } : {})
        .end(JSON.stringify({ errors: [{ code }] }));
    if (repository === 'good') response.writeHead(200).end('{}');
    else if (repository === 'known') say(404, 'MANIFEST_UNKNOWN');
    else if (repository === 'unknown') say(404, 'NAME_UNKNOWN');
    else if (repository === 'closed' && login !== 'u:p') say(401, 'UNAUTHORIZED');
    else if (repository === 'closed') response.writeHead(200).end('{}');
    else response.writeHead(500).end('oh');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use({ host: `127.0.0.1:${(server.address() as AddressInfo).port}`, logins });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

type Images = Record<string, { exists: boolean; error?: string }>;
const imagesIn = (text = '{}'): Images => (JSON.parse(text) as { images: Images }).images;

test('there, not there, and what could not be asked; each image once', async () => {
  await withRegistry(async ({ host }) => {
    const images = ['good', 'known', 'unknown', 'broken', 'good'].map((name) => `${host}/${name}:1`);
    const { files, notes, progress } = await runCollector(hostRegistryImages, { images: [...images, 'NOT A NAME'] });
    const found = imagesIn(files['host-collectors/registry-images/images.json']);
    assert.equal(found[`${host}/good:1`], { exists: true });
    assert.equal(found[`${host}/known:1`], { exists: false });
    assert.match(found[`${host}/unknown:1`]?.error ?? '', `${host} answered 404: NAME_UNKNOWN`);
    assert.is(found[`${host}/broken:1`]?.error, `failed to get image manifest: ${host} answered 500`);
    assert.match(found['NOT A NAME']?.error ?? '', 'is no name of an image');
    assert.equal(notes, ['4 of 5 images not found']);
    assert.equal(progress.at(-1), [5, 5]);
    const one = await runCollector(hostRegistryImages, { images: [`${host}/known`] });
    assert.equal(one.notes, ['1 of 1 images not found']);
    const good = await runCollector(
      hostRegistryImages,
      { images: [`${host}/good`], collectorName: 'n' },
      { suffix: '-2' },
    );
    assert.equal(Object.keys(good.files), ['host-collectors/registry-images/n-2.json']);
    assert.equal(good.notes, []);
  });
});

test('of a host: the login of the spec, else that of this machine', async () => {
  await withRegistry(async ({ host, logins }) => {
    const image = `${host}/closed`;
    const of = async (spec: object): Promise<boolean | undefined> => {
      const { files } = await runCollector(
        hostRegistryImages,
        { images: [image], ...spec },
        { host: { env: { DOCKER_CONFIG: '/none' } } },
      );
      return imagesIn(files['host-collectors/registry-images/images.json'])[image]?.exists;
    };
    assert.is(await of({}), false);
    assert.equal([...logins], ['']);
    assert.is(await of({ username: 'u', password: 'p' }), true);
    assert.is(await of({ username: 'u' }), false);
    assert.ok(logins.has('u:'));
  });
});

const config = (host: string): string =>
  Buffer.from(JSON.stringify({ auths: { [host]: { username: 'u', password: 'p' } } })).toString('base64');

test('of the cluster: the pull secret in the spec, or the one that it names', async () => {
  await withRegistry(async ({ host }) => {
    const image = `${host}/closed`;
    const asked: string[] = [];
    const cluster = (data: object | undefined) => ({
      namespace: 'default',
      client: {
        json: ({ path }: { path: string }) => {
          asked.push(path);
          return Promise.resolve({ data });
        },
      } as never,
    });
    const of = async (imagePullSecret: object, data?: object, more: object = {}): Promise<boolean | undefined> => {
      const spec = { images: [image], imagePullSecret, ...more };
      const { files } = await runCollector(registryImages, spec, {
        cluster: cluster(data),
        host: { env: { DOCKER_CONFIG: '/none' } },
      });
      return imagesIn(files['registry/images.json'])[image]?.exists;
    };
    const data = { '.dockerconfigjson': config(host) };
    assert.is(await of({ data }), true);
    assert.equal(asked, [], 'a secret with its own data is not looked for');
    assert.is(await of({ name: 'a/b' }, data), true);
    assert.is(await of({ name: 'pull' }, data, { namespace: 'shop' }), true);
    assert.equal(asked, ['/api/v1/namespaces/default/secrets/a%2Fb', '/api/v1/namespaces/shop/secrets/pull']);
    assert.is(await of({}), false);
    for (const bad of [
      of({ name: 'x' }, {}),
      of({ name: 'x' }, undefined),
      of({ name: 'x', data: { other: '' } }, data),
    ])
      await bad.then(
        () => assert.unreachable(),
        (error: unknown) => assert.is((error as Error).message, 'the image pull secret has no .dockerconfigjson'),
      );
  });
});

test('where the time is over nothing is written', async () => {
  const signal = AbortSignal.abort(new Error('over'));
  const keep = {};
  await runCollector(hostRegistryImages, { images: ['127.0.0.1:1/a'] }, { signal, keep }).then(
    () => assert.unreachable(),
    (error: unknown) => assert.is((error as Error).message, 'over'),
  );
  assert.equal(keep, {});
});

test.run();
