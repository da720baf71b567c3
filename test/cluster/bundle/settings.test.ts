// The settings that go into a bundle: without what belongs to this machine, with the files that they name, and no secret.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { type PackedSettings, packSettings } from '../../../scripts/cluster/bundle/settings.ts';
import type { Prepared } from '../../../scripts/cluster/prepare-cluster.ts';
import { thrown } from '../../kube/helpers.ts';

const test = suite<{ folder: string }>('cluster/bundle/settings');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-pack-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

interface Given {
  provider?: string;
  /** Of a native k3d config: files that it names. */
  nativeFiles?: unknown[];
  /** Paths of the user's steps. */
  steps?: string[];
  charts?: Record<string, string>;
}

/** @param files texts by path, made before the settings are packed */
async function pack(
  folder: string,
  tree: object,
  files: Record<string, string> = {},
  { provider = 'embedded', nativeFiles, steps = [], charts = {} }: Given = {},
): Promise<PackedSettings> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const native = nativeFiles === undefined ? undefined : { tree: { files: nativeFiles } };
  const prepared = {
    loaded: { writtenAs: () => tree, sourceOf: (key: unknown[]) => `cluster.yaml ${key.join('.')}` },
    plan: { cluster: { provider, name: 'dev', k3d: { native } } },
    folderOf: () => folder,
    ownSteps: steps.map((path) => ({ path: join(folder, path) })),
  } as unknown as Prepared;
  const local = Object.entries(charts).map(
    ([name, path]) => [name, { path: join(folder, path), digest: 'd' }] as const,
  );
  return packSettings(prepared, new Map(local));
}
const packed = (folder: string, { files }: PackedSettings): string[] =>
  files.map(({ path, source }) => `${path} < ${source.slice(folder.length + 1)}`);
const refusals = async (packing: Promise<unknown>): Promise<string[]> =>
  (await thrown(ConfigError, packing)).problems.map(({ where, message }) => `${where}: ${message}`);
const OBJECT = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

test('what belongs to this machine stays here', async ({ folder }) => {
  const given = { name: 'other', agents: 2, kubeconfig: '/k', logDir: '/l', steps: 's', k3d: { image: 'x' } };
  const { tree, files, paths, notes } = await pack(folder, given);
  assert.equal(tree, { name: 'dev', provider: 'embedded', agents: 2 });
  assert.equal([files, paths, notes], [[], [], []]);
  assert.is(given.k3d.image, 'x', 'the settings themselves stay');
});

test('manifests: files, and folders in their order; what is written in the bundle are its own paths', async ({
  folder,
}) => {
  const result = await pack(
    folder,
    { manifests: ['a.yaml', 'many'], resources: { cluster: ['a.yaml'], eachNamespace: ['none'] } },
    { 'a.yaml': OBJECT, 'many/b.yml': OBJECT, 'many/a.json': '{}', 'none/readme.txt': '' },
  );
  assert.equal(result.tree['manifests'], ['manifests-0.yaml', 'manifests-1']);
  assert.equal(result.tree['resources'], { cluster: ['resources-cluster-0.yaml'], eachNamespace: [] });
  assert.equal(packed(folder, result), [
    'resources-cluster-0.yaml < a.yaml',
    'manifests-0.yaml < a.yaml',
    'manifests-1/0000.json < many/a.json',
    'manifests-1/0001.yml < many/b.yml',
  ]);
  assert.equal(result.paths, [
    ['resources', 'cluster', 0],
    ['manifests', 0],
    ['manifests', 1],
  ]);
});

test('a folder with one manifest stays a folder', async ({ folder }) => {
  const result = await pack(folder, { manifests: ['one'] }, { 'one/a.yaml': OBJECT });
  assert.equal(result.tree['manifests'], ['manifests-0']);
  assert.equal(packed(folder, result), ['manifests-0/0000.yaml < one/a.yaml']);
});

test('charts and their values; repositories are not asked any more', async ({ folder }) => {
  const services = [
    { name: 'shop', chart: 'r/shop', version: '1', valuesFiles: ['v.yaml'], valuesFrom: { 'a.b': { env: 'TOKEN' } } },
    { name: 'db', chart: './db.tgz' },
  ];
  const result = await pack(
    folder,
    { services, helm: { repos: [{ name: 'r' }], plainHttp: ['x'], stuck: 'fail' } },
    {
      'v.yaml': '{}',
      'cache/shop/Chart.yaml': '',
      'cache/shop/templates/a.yaml': '',
      'cache/shop/node_modules/x.js': '',
      'db.tgz': '',
    },
    { charts: { shop: 'cache/shop', db: 'db.tgz' } },
  );
  assert.equal(result.tree['helm'], { stuck: 'fail' });
  assert.equal(result.tree['services'], [
    {
      name: 'shop',
      chart: 'charts/0/shop',
      valuesFiles: ['services-0-valuesFiles-0.yaml'],
      valuesFrom: { 'a.b': { env: 'TOKEN' } },
    },
    { name: 'db', chart: 'charts/1/db.tgz' },
  ]);
  assert.equal(packed(folder, result), [
    'charts/0/shop/Chart.yaml < cache/shop/Chart.yaml',
    'charts/0/shop/templates/a.yaml < cache/shop/templates/a.yaml',
    'services-0-valuesFiles-0.yaml < v.yaml',
    'charts/1/db.tgz < db.tgz',
  ]);
  assert.equal(result.notes, ['not packed, as it is secret: the env variable TOKEN']);
});

test('secrets are references, which stay', async ({ folder }) => {
  const secrets = [{ name: 's', data: { a: { env: 'A' }, b: { file: 'b.txt' } } }];
  const { tree, files, notes } = await pack(folder, { secrets }, { 'b.txt': 'secret' });
  assert.equal([tree['secrets'], files], [secrets, []]);
  assert.equal(notes, [
    'not packed, as it is secret: the env variable A',
    'not packed, as it is secret: the file b.txt',
  ]);
});

test('k3d: nothing is pulled, its files come along, folders of the engine do not', async ({ folder }) => {
  const files = { 'k3d.yaml': 'kind: Simple', 'r.yaml': 'mirrors: {}', 'ca.pem': 'x' };
  const k3d = {
    config: 'k3d.yaml',
    registries: 'r.yaml',
    caCertificates: 'ca.pem',
    volumes: ['/a:/b', '/c'],
    image: 'i',
  };
  const result = await pack(folder, { k3d }, files, { provider: 'k3d' });
  assert.equal(result.tree['k3d'], {
    ...k3d,
    config: 'k3d-config.yaml',
    registries: 'k3d-registries.yaml',
    caCertificates: 'k3d-caCertificates.pem',
    caches: false,
    loadImages: false,
  });
  assert.equal(result.notes, ["not packed, as they are folders of the engine's machine: k3d.volumes /a:/b, /c"]);
  assert.is(result.files.length, 3);
  const one = await pack(folder, { k3d: { volumes: ['/a:/b'] } }, {}, { provider: 'k3d' });
  assert.equal(one.notes, ["not packed, as they are folders of the engine's machine: k3d.volumes /a:/b"]);
  assert.equal((await pack(folder, { k3d: { volumes: [] } }, {}, { provider: 'k3d' })).notes, []);
  const bare = await pack(folder, {}, {}, { provider: 'k3d' });
  assert.equal([bare.tree['k3d'], bare.notes], [{ caches: false, loadImages: false }, []]);
});

test('credentials, and files that a packed file names, are refused', async ({ folder }) => {
  const auth = 'configs:\n  a:\n    auth:\n      username: x\n';
  for (const text of [auth, ' "password" : x', 'identity_token: x', 'identitytoken: y', "  'token': z"]) {
    const [refusal = ''] = await refusals(
      pack(folder, { k3d: { registries: 'r.yaml' } }, { 'r.yaml': text }, { provider: 'k3d' }),
    );
    assert.match(refusal, /^cluster\.yaml k3d\.registries: r\.yaml has credentials in it/, text);
  }
  await pack(folder, { k3d: { registries: 'r.yaml' } }, { 'r.yaml': 'mirrors: {authentic: {}}' }, { provider: 'k3d' });
  const named = { provider: 'k3d', nativeFiles: [{}] };
  assert.match((await refusals(pack(folder, { k3d: {} }, {}, named))).join(), /it names other files/);
  await pack(folder, { k3d: {} }, {}, { provider: 'k3d', nativeFiles: [] });
});

test('steps come with their whole folder, but for packages', async ({ folder }) => {
  const result = await pack(
    folder,
    {},
    { 'steps/a.ts': '', 'steps/lib/b.ts': '', 'steps/node_modules/x.js': '' },
    { steps: ['steps/a.ts'] },
  );
  assert.equal([result.tree['steps'], result.paths], ['steps', [['steps']]]);
  assert.equal(packed(folder, result), ['steps/a.ts < steps/a.ts', 'steps/lib/b.ts < steps/lib/b.ts']);
});

test('a link to nothing in a folder is named, not left out', async ({ folder }) => {
  mkdirSync(join(folder, 'steps'));
  symlinkSync('nowhere', join(folder, 'steps/b.ts'));
  const [refusal] = await refusals(pack(folder, {}, { 'steps/a.ts': '' }, { steps: ['steps/a.ts'] }));
  assert.match(refusal ?? '', /^cluster\.yaml steps: .*b\.ts cannot be packed/);
});

test('every file that cannot be packed is named at once', async ({ folder }) => {
  mkdirSync(join(folder, 'dir.yaml'));
  const services = [{ name: 'a', valuesFiles: ['none.yaml', 'dir.yaml'] }];
  const found = await refusals(pack(folder, { services }, { 'c.tgz': '' }, { charts: { a: 'c.tgz' } }));
  assert.is(found.length, 2);
  assert.match(found[0] ?? '', /^cluster\.yaml services\.0\.valuesFiles\.0: .*none\.yaml/);
  assert.match(found[1] ?? '', /dir\.yaml cannot be packed: it is no regular file$/);
});

test.run();
