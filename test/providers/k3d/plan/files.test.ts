// The files that the settings of a k3d cluster name, and which registries nodes get.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../../scripts/base/errors.ts';
import type { K3dSettings } from '../../../../scripts/plan/plan.ts';
import { type K3dFiles, readFiles } from '../../../../scripts/providers/k3d/plan/files.ts';
import { thrown } from '../../../kube/helpers.ts';

const test = suite<{ folder: string }>('providers/k3d/plan/files');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-files-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const read = (own: object): Promise<K3dFiles> =>
  readFiles({ caches: true, cachedRegistries: ['docker.io', 'ghcr.io'], ...own } as unknown as K3dSettings);
const problems = async (own: object): Promise<string[]> =>
  (await thrown(ConfigError, read(own))).problems.map(({ where, message }) => `${where}: ${message}`);

test('certificates are read, and have to be some', async ({ folder }) => {
  assert.is((await read({})).certificates, undefined);
  const file = join(folder, 'ca.pem');
  writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAA==\n');
  assert.match((await read({ caCertificates: file })).certificates ?? '', /^-----BEGIN/);
  writeFileSync(file, 'der');
  assert.equal(await problems({ caCertificates: file }), [`${file}: holds no certificate in PEM form`]);
  const [absent] = await problems({ caCertificates: join(folder, 'none') });
  assert.match(absent ?? '', /^k3d\.caCertificates: .*none cannot be read: /);
  assert.match((await problems({ registries: join(folder, 'none') }))[0] ?? '', /^k3d\.registries: /);
});

test('nodes get registries where there are caches or registries of the user’s own', async ({ folder }) => {
  const { caches, registries } = await read({});
  assert.equal(
    caches.map(({ registry }) => registry),
    ['docker.io', 'ghcr.io'],
  );
  assert.match((await registries(caches)) ?? '', /http:\/\/k3d-hoist-cache-docker-io:5000/);
  assert.is(await registries([]), undefined, 'none that are available, none of its own');
  const file = join(folder, 'r.yaml');
  writeFileSync(file, 'mirrors:\n  docker.io:\n    endpoint: [https://mirror.example]\n');
  const own = await read({ registries: file, caches: false });
  assert.equal(own.caches, []);
  assert.match((await own.registries([])) ?? '', /https:\/\/mirror\.example/);
});

test('a native config with registries of its own has the say', async () => {
  const native = (registries?: object): object => ({ native: { tree: { registries }, text: '' } });
  const theirs = await read(native({ config: 'mirrors: {}' }));
  assert.equal([theirs.caches, await theirs.registries([])], [[], undefined]);
  const none = await read(native());
  assert.is(none.caches.length, 2);
  assert.is((await read(native({ use: ['x'] }))).caches.length, 2);
});

test.run();
