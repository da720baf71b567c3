// What a bundle holds gets to its place: tools into the cache with a record, files below one folder, nothing half.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { digestsOf, filesFolder, install, missingOf } from '../../scripts/offline/install.ts';
import { BundleReader } from '../../scripts/offline/reader.ts';
import { settingsText } from '../../scripts/offline/settings.ts';
import { locateTool } from '../../scripts/tools/locate.ts';
import { type ToolOptions, toolFile } from '../../scripts/tools/options.ts';
import { PINS } from '../../scripts/tools/pins.ts';
import { readRecord } from '../../scripts/tools/tool-record.ts';
import { manifestMember, manifestOf, partMember, partOf, refusal, writeArchive } from './bundle.ts';

const installing = suite<{ folder: string; options: ToolOptions }>('offline bundles are installed', {
  folder: '',
  options: undefined as unknown as ToolOptions,
});

installing.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-offline-'));
  context.options = { exec, env: { PATH: '', HOME: context.folder, XDG_CACHE_HOME: join(context.folder, 'cache') } };
});
installing.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

const BINARY = '#!/bin/sh\necho tool\n';
const MANIFEST = 'kind: ConfigMap\n';
const { signal } = new AbortController();
const tool = (
  name: string,
  version: string,
  content = BINARY,
): { name: string; version: string } & ReturnType<typeof partOf> => ({
  name,
  version,
  ...partOf(content),
});

function bundleOf(folder: string, own: Parameters<typeof manifestOf>[0]): Promise<BundleReader> {
  const members = [partMember(BINARY), partMember(MANIFEST), manifestMember(manifestOf(own))];
  return BundleReader.open(writeArchive(join(folder, 'b'), ...members));
}

installing(
  'tools are found in the cache afterwards, and a second time nothing is missing',
  async ({ folder, options }) => {
    const bundle = await bundleOf(folder, {
      tools: [tool('etcd', PINS.etcd.version), tool('kube-scheduler', PINS['kube-scheduler'].version)],
      files: [{ path: 'charts/0/web/Chart.yaml', ...partOf(MANIFEST) }],
    });
    const missing = await missingOf(bundle, options);
    assert.is(digestsOf(missing).length, 3);
    await install(bundle, missing, { options, signal });
    for (const name of ['etcd', 'kube-scheduler'] as const) {
      const found = await locateTool(name, options);
      assert.ok(found);
      assert.is(found.source, 'cache');
      assert.is(readFileSync(found.path, 'utf8'), BINARY);
      assert.is(statSync(found.path).mode & 0o777, 0o755);
      assert.equal((await readRecord(found.path))?.way, 'bundle');
      assert.not.ok(readdirSync(join(found.path, '..')).some((file) => file.endsWith('.tmp')));
    }
    const inodes = (['etcd', 'kube-scheduler'] as const).map((name) => statSync(toolFile(PINS[name], options)).ino);
    assert.is(inodes[0], inodes[1], 'one binary under two names takes the room of one');
    assert.is(readFileSync(join(filesFolder(bundle, options), 'charts/0/web/Chart.yaml'), 'utf8'), MANIFEST);
    assert.ok(bundle.digest.startsWith(basename(filesFolder(bundle, options))));
    const modes = ['.', 'charts', 'charts/0/web/Chart.yaml'].map(
      (path) => statSync(join(filesFolder(bundle, options), path)).mode & 0o777,
    );
    assert.equal(modes, [0o700, 0o700, 0o600]);
    assert.equal(digestsOf(await missingOf(bundle, options)), []);
    await bundle.close();
  },
);

installing('a file that was changed since is missing again', async ({ folder, options }) => {
  const bundle = await bundleOf(folder, {
    tools: [tool('etcd', PINS.etcd.version)],
    files: [{ path: 'm.yaml', ...partOf(MANIFEST) }],
  });
  await install(bundle, await missingOf(bundle, options), { options, signal });
  const path = join(filesFolder(bundle, options), 'm.yaml');
  rmSync(path);
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'mine');
  symlinkSync(victim, path);
  const missing = await missingOf(bundle, options);
  assert.is(missing.files.length, 1);
  await install(bundle, missing, { options, signal });
  assert.is(readFileSync(path, 'utf8'), MANIFEST);
  assert.is(readFileSync(victim, 'utf8'), 'mine');
  await bundle.close();
});

installing(
  'what bundles have left that were not used for a month goes, and nothing younger',
  async ({ folder, options }) => {
    const bundles = join(folder, 'cache/hoist/bundles');
    const aged = (name: string, days: number): void => {
      mkdirSync(join(bundles, name, 'deep'), { recursive: true });
      const at = new Date(Date.now() - days * 86_400_000);
      utimesSync(join(bundles, name), at, at);
    };
    aged('old', 31);
    aged('young', 29);
    symlinkSync('nowhere', join(bundles, 'broken'));
    const bundle = await bundleOf(folder, {
      tools: [],
      files: [
        { path: 'm.yaml', ...partOf(MANIFEST) },
        { path: 't', ...partOf(BINARY) },
      ],
    });
    // The one that is installed counts as used now.
    aged(basename(filesFolder(bundle, options)), 99);
    await install(bundle, await missingOf(bundle, options), { options, signal });
    assert.equal(readdirSync(bundles).sort(), [basename(filesFolder(bundle, options)), 'broken', 'young'].sort());
    assert.ok(existsSync(join(filesFolder(bundle, options), 'm.yaml')));
    await bundle.close();
  },
);

installing('a tool whose file or record is gone is missing again', async ({ folder, options }) => {
  const bundle = await bundleOf(folder, {
    tools: [tool('etcd', PINS.etcd.version)],
    files: [{ path: 'm.yaml', ...partOf(MANIFEST) }],
  });
  const file = toolFile(PINS.etcd, options);
  for (const gone of [file, `${file}.json`]) {
    await install(bundle, await missingOf(bundle, options), { options, signal });
    rmSync(gone);
    assert.is((await missingOf(bundle, options)).tools.length, 1, gone);
  }
  await install(bundle, await missingOf(bundle, options), { options, signal });
  writeFileSync(file, 'changed');
  assert.match(await refusal(missingOf(bundle, options)), /is not the file that was put there/);
  await bundle.close();
});

installing('a part that turns out wrong while it is copied is in no place', async ({ folder, options }) => {
  const bundle = await bundleOf(folder, {
    tools: [tool('etcd', PINS.etcd.version)],
    files: [{ path: 'm.yaml', ...partOf(MANIFEST) }],
  });
  const missing = await missingOf(bundle, options);
  const bytes = readFileSync(join(folder, 'b'));
  bytes[512] = 0;
  // In place: the bundle is open.
  writeFileSync(join(folder, 'b'), bytes);
  assert.match(await refusal(install(bundle, missing, { options, signal })), /not what its manifest says/);
  assert.not.ok(existsSync(toolFile(PINS.etcd, options)));
  await bundle.close();
});

installing('another platform, version or name of a tool is refused', async ({ folder, options }) => {
  const refused = async (own: Parameters<typeof manifestOf>[0]): Promise<string> => {
    const files = [{ path: 'm.yaml', ...partOf(MANIFEST) }];
    const bundle = await bundleOf(folder, { tools: [tool('etcd', PINS.etcd.version)], files, ...own });
    try {
      return await refusal(missingOf(bundle, options));
    } finally {
      await bundle.close();
    }
  };
  assert.match(await refused({ platform: { os: 'plan9', arch: 'amd64' } }), /it is for plan9\/amd64/);
  assert.match(await refused({ tools: [tool('etcd', '0.0.1')] }), /it has etcd "0.0.1"/);
  for (const known of ['constructor', 'x']) {
    assert.match(await refused({ tools: [tool(known, '1.0.0')] }), /uses no tool/);
  }
});

installing('settings may only name what is in the bundle', () => {
  const files = [{ path: 'manifests-0/0000.yaml', ...partOf(MANIFEST) }];
  const text = (tree: Record<string, unknown>, ...paths: (string | number)[][]): string =>
    settingsText(manifestOf({ files, settings: { tree, paths } }), '/cache/b', 'b');
  assert.equal(JSON.parse(text({ name: 'a', manifests: ['manifests-0'] }, ['manifests', 0])), {
    name: 'a',
    manifests: ['/cache/b/manifests-0'],
  });
  for (const value of ['../../etc', '/etc/passwd', 'manifests-0/..', 'manifests', 7, undefined])
    assert.throws(() => text({ manifests: [value] }, ['manifests', 0]), /which is not in it/, String(value));
  assert.throws(() => text({}, ['__proto__', 'x']), /which is not in it/);
  assert.throws(() => text({ manifests: ['manifests-0'] }, []), /which is not in it/);
});

installing.run();
