// A bundle is written beside its place with what its manifest names; tools of other versions are refused.

import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../scripts/base/errors.ts';
import { type SavedBundle, saveSteps } from '../../../scripts/cluster/bundle/save.ts';
import type { Prepared } from '../../../scripts/cluster/prepare-cluster.ts';
import type { StepContext } from '../../../scripts/engine/step.ts';
import { BundleReader } from '../../../scripts/offline/reader.ts';
import type { ImageArchive, Provider } from '../../../scripts/providers/provider.ts';
import { PINS } from '../../../scripts/tools/pins.ts';
import { thrown } from '../../kube/helpers.ts';
import { archive } from '../../offline/bundle.ts';
import { toolScript } from '../../tools/workbench.ts';
import { type Wired, wired } from '../wiring.ts';

const test = suite<Wired>('cluster/bundle/save');
wired(test);

interface Saved {
  names: string[];
  notes: string[];
  saved: SavedBundle;
}

function preparedIn(folder: string, provider: string, list: object[] = []): Prepared {
  return {
    loaded: { writtenAs: () => ({ agents: 1 }), sourceOf: () => 'cluster.yaml' },
    plan: { cluster: { provider, name: 'dev', kubernetes: '1.2.3', k3d: {} } },
    folderOf: () => folder,
    ...{ ownSteps: [], services: { list, repos: [], plainHttp: [] } },
  } as unknown as Prepared;
}

/** @param k3d the version of a k3d that the settings name; without it the bundle has no tools */
async function save({ folder, wiring, write }: Wired, k3d?: string): Promise<Saved> {
  const prepared = preparedIn(folder, k3d === undefined ? 'existing' : 'k3d');
  if (k3d !== undefined) {
    const path = write('k3d', toolScript(k3d));
    chmodSync(path, 0o755);
    wiring.tools.paths = { k3d: path };
  }
  const { steps, saved } = await saveSteps(prepared, join(folder, 'b.tar'), wiring);
  assert.throws(saved, /asked for before it is written/);
  const notes: string[] = [];
  const context = {
    signal: new AbortController().signal,
    note: (text: string) => notes.push(text),
    progress: () => undefined,
  };
  await steps.at(-1)?.run(context as unknown as StepContext);
  return { names: steps.map(({ name }) => name), notes, saved: saved() };
}

/** One archive of images, which the provider gives for each save. */
const images: ImageArchive = {
  into: 'engine',
  images: [{ name: 'a', digest: 'd' }],
  content: async function* () {
    yield await Promise.resolve(archive({ name: 'layer', content: 'x' }));
  },
};

test('its manifest says what it is for, and it can be opened', async (context) => {
  const { names, notes, saved } = await save(context);
  assert.equal([names, notes, saved.resumed, saved.file], [['bundle'], [], 0, join(context.folder, 'b.tar')]);
  const { manifest, digest, bytes } = saved;
  assert.equal(
    [manifest.kind, manifest.provider, manifest.cluster, manifest.kubernetes, manifest.createdAt, manifest.platform],
    ['hoist-offline-bundle', 'existing', 'dev', '1.2.3', '2026-01-02T03:04:05.000Z', { os: 'linux', arch: 'amd64' }],
  );
  assert.equal([manifest.tools, manifest.files, manifest.images], [[], [], []]);
  const reader = await BundleReader.open(saved.file);
  assert.equal([reader.digest, readFileSync(saved.file).length], [digest, bytes]);
  await reader.close();
  assert.not(existsSync(join(context.folder, '.b.tar.partial')));
});

test('images that have not changed are noted; those of a provider without any are none', async (context) => {
  context.provider = { offline: { archives: () => Promise.resolve([images]) } } as unknown as Partial<Provider>;
  assert.equal((await save(context)).notes, []);
  const { notes, saved } = await save(context);
  assert.equal([notes, saved.manifest.images.length], [['1 archive of images unchanged'], 1]);
  context.provider = { offline: undefined } as unknown as Partial<Provider>;
  assert.equal((await save(context)).saved.manifest.images, []);
});

test('helm goes in where there is a service', async ({ folder, wiring }) => {
  const namesOf = async (list: object[]): Promise<string[]> =>
    (await saveSteps(preparedIn(folder, 'existing', list), 'b.tar', wiring)).steps.map(({ name }) => name);
  const service = { name: 'web', ref: { kind: 'oci', url: 'oci://one/c' }, dependencies: [] };
  assert.equal(await namesOf([]), ['bundle']);
  assert.equal(await namesOf([service]), ['tool/sources', 'tool/helm', 'chart/web', 'bundle']);
});

test('a tool goes in as it is pinned, and no other', async (context) => {
  const { version } = PINS.k3d;
  const { saved } = await save(context, version);
  assert.equal(
    saved.manifest.tools.map((tool) => [tool.name, tool.version]),
    [['k3d', version]],
  );
  const { message, hint } = await thrown(UsageError, save(context, '9.9.9'));
  assert.is(message, `${join(context.folder, 'k3d')} is k3d 9.9.9, not ${version}`);
  assert.match(hint ?? '', `\`hoist tools fetch k3d\` fetches ${version}`);
});

test.run();
