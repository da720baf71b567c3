// Profiles and `extends`: which value wins, where it is said to come from, and what is said of bad chains.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, type Problem } from '../../scripts/base/errors.ts';
import { resolveNeeds } from '../../scripts/services/helm/implied/needs.ts';
import { type LoadedSettings, loadSettings } from '../../scripts/settings/load.ts';
import type { LayeredSettings } from '../../scripts/settings/layers.ts';
import { readLayeredSettings } from '../../scripts/settings/profiles.ts';

const OWN = fileURLToPath(new URL('../../config/profiles', import.meta.url));

const profiles = suite<{ folder: string }>('profiles', { folder: '' });

profiles.before.each((context) => {
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), 'hoist-profiles-')));
});
profiles.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

/** Writes files, reads config/cluster.yaml with the profile over it. */
async function read(folder: string, files: Record<string, string>, profile?: string): Promise<LayeredSettings> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const choice = profile === undefined ? undefined : { profile, where: 'flag --profile' };
  return readLayeredSettings(join(folder, 'config/cluster.yaml'), choice, folder);
}

async function load(folder: string, files: Record<string, string>, profile?: string): Promise<LoadedSettings> {
  return loadSettings({ file: await read(folder, files, profile), env: {}, flags: {} });
}

async function problems(folder: string, files: Record<string, string>, profile?: string): Promise<string[]> {
  try {
    await load(folder, files, profile);
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems.map((p) => `${p.where}: ${p.message}`);
  }
  return [];
}

profiles('the profile beats the file, and each value names its own file and line', async ({ folder }) => {
  const { settings, sourceOf } = await load(
    folder,
    {
      'config/cluster.yaml': 'name: mine\nagents: 1\nnamespaces: [a, b, c]\nk3d:\n  image: file\n  cpuLimitAgent: 2\n',
      'config/profiles/big.yaml': '# big\nagents: 5\nnamespaces: [z]\nk3d:\n  image: profile\n',
    },
    'big',
  );
  assert.is(settings.name, 'mine');
  assert.is(settings.agents, 5);
  assert.equal(settings.namespaces, ['z'], 'a list comes whole from the last file that has it');
  assert.equal([settings.k3d.image, settings.k3d.cpuLimitAgent], ['profile', 2], 'maps are merged key by key');
  assert.is(sourceOf(['name']), 'config/cluster.yaml:1:7');
  assert.is(sourceOf(['agents']), 'config/profiles/big.yaml:2:9');
  assert.is(sourceOf(['namespaces']), 'config/profiles/big.yaml:3:13');
  assert.is(sourceOf(['k3d', 'image']), 'config/profiles/big.yaml:5:10');
  assert.is(sourceOf(['k3d', 'cpuLimitAgent']), 'config/cluster.yaml:6:18');
  assert.is(sourceOf(['timeout']), 'default');
});

profiles('extends goes from the far end of the chain to the near one, lists in their order', async ({ folder }) => {
  const file = await read(
    folder,
    {
      'config/cluster.yaml': 'extends: [left, right]\ntimeout: 4m\n',
      'config/profiles/base.yaml': 'name: base\nagents: 1\nconcurrency: 1\nhealthTimeout: 1m\n',
      'config/profiles/left.yaml': 'extends: base\nname: left\nagents: 2\ntimeout: 2m\n',
      'config/profiles/right.yaml': 'extends: ./deep/other.yaml\nname: right\ntimeout: 3m\n',
      'config/profiles/deep/other.yaml': 'concurrency: 7\n',
      'over.yml': 'healthTimeout: 9m\n',
    },
    'over.yml',
  );
  const { settings, sourceOf } = await loadSettings({ file, env: {}, flags: {} });
  assert.equal(file.files, [
    'config/profiles/base.yaml',
    'config/profiles/left.yaml',
    'config/profiles/deep/other.yaml',
    'config/profiles/right.yaml',
    'config/cluster.yaml',
    'over.yml',
  ]);
  const { name, agents, concurrency, timeout, healthTimeout } = settings;
  assert.equal([name, agents, concurrency, timeout, healthTimeout], ['right', 2, 7, 240_000, 540_000]);
  assert.is(sourceOf(['concurrency']), 'config/profiles/deep/other.yaml:1:14');
  assert.is(sourceOf(['healthTimeout']), 'over.yml:1:16');
});

profiles('relative paths of a value belong to the file that the value stands in', async ({ folder }) => {
  const file = await read(
    folder,
    {
      'config/cluster.yaml': 'resources:\n  cluster: [a.yaml]\n  eachNamespace: [b.yaml]\nmanifests: [m]\n',
      'elsewhere/p.yaml': 'resources:\n  cluster: [c.yaml]\n',
    },
    './elsewhere/p.yaml',
  );
  assert.is(file.folderOf(['resources', 'cluster']), join(folder, 'elsewhere'));
  assert.is(file.folderOf(['resources', 'eachNamespace']), join(folder, 'config'));
  assert.is(file.folderOf(['manifests']), join(folder, 'config'));
  assert.is(file.folderOf(['steps']), join(folder, 'config'), 'what stands nowhere belongs to the settings file');
});

profiles('a profile of the user may build upon the one of hoist that has its name', async ({ folder }) => {
  const files = {
    'config/cluster.yaml': 'namespaces: [a]\n',
    'config/profiles/minimal.yaml': 'extends: minimal\nagents: 3\n',
  };
  const file = await read(folder, files, 'minimal');
  assert.equal(file.files, ['config/cluster.yaml', join(OWN, 'minimal.yaml'), 'config/profiles/minimal.yaml']);
  const { settings } = await loadSettings({ file, env: {}, flags: {} });
  assert.equal([settings.agents, settings.namespaces], [3, []]);
});

profiles('minimal leaves nothing of what a settings file puts into the cluster', async ({ folder }) => {
  const { settings } = await load(
    folder,
    {
      'config/cluster.yaml':
        'namespaces: [a]\nmanifests: [m]\nsecrets: [{name: s, data: {k: {env: K}}}]\nresources: {cluster: [x], eachNamespace: [y]}\nservices: [{name: s, chart: ./c}]\n',
    },
    'minimal',
  );
  const { namespaces, manifests, secrets, resources, services } = settings;
  assert.equal([namespaces, manifests, secrets, services], [[], [], [], []]);
  assert.equal(resources, { cluster: [], eachNamespace: [] });
});

profiles(
  'platform has its six namespaces, and each service in one of them, after what it needs',
  async ({ folder }) => {
    const { settings, sourceOf } = await load(folder, { 'config/cluster.yaml': 'namespaces: [mine]\n' }, 'platform');
    const { namespaces, services, helm } = settings;
    assert.equal(namespaces, ['development', 'staging', 'cert-manager', 'ingress-nginx', 'monitoring', 'logging']);
    assert.ok(services.every(({ namespace }) => namespaces.includes(namespace)));
    const repos = helm.repos.map(({ name }) => name);
    assert.ok(services.every(({ chart }) => repos.includes(chart.split('/')[0] ?? '')));
    const problems: Problem[] = [];
    assert.equal(
      resolveNeeds(services, () => ({ where: '' }), problems),
      [
        [],
        ['release/cert-manager/ready'],
        ['release/cert-manager/ready', 'release/ingress-nginx/ready'],
        ['release/kube-prometheus-stack/ready'],
      ],
    );
    assert.equal(problems, []);
    assert.is(sourceOf(['services']), `${join(OWN, 'platform.yaml')}:17:3`);
  },
);

profiles('what is wrong in a profile is shown with its own line', async ({ folder }) => {
  const files = {
    'config/cluster.yaml': 'agents: 1\nk3d:\n  image: x\n',
    'p.yaml': 'agents: two\nk3d:\n  imgae: y\nextend: minimal\n',
  };
  assert.equal((await problems(folder, files, 'p.yaml')).sort(), [
    'p.yaml:1:9: agents must be a whole number, not "two"',
    'p.yaml:3:3: unknown setting "imgae" in "k3d"; did you mean "image"?',
    'p.yaml:4:1: unknown setting "extend"; did you mean "extends"?',
  ]);
});

profiles('a list that hides another one is checked in its own file', async ({ folder }) => {
  const files = {
    'config/cluster.yaml': 'secrets:\n  - name: ok\n    data: {}\n',
    'p.yaml': 'secrets:\n  - data: {}\n',
  };
  assert.match((await problems(folder, files, 'p.yaml'))[0] ?? '', /^p\.yaml:2:5: secrets\.0\.name .*it is missing/);
});

profiles('files that extend each other in a cycle are refused, with the cycle', async ({ folder }) => {
  const files = {
    'config/cluster.yaml': 'extends: a\n',
    'config/profiles/a.yaml': 'name: a\nextends: b\n',
    'config/profiles/b.yaml': 'extends: [a]\n',
  };
  assert.equal(await problems(folder, files), [
    'config/profiles/b.yaml:1:10: settings files extend each other in a cycle: config/profiles/a.yaml → config/profiles/b.yaml → config/profiles/a.yaml',
  ]);
  const own = { 'config/cluster.yaml': 'extends: only\n', 'config/profiles/only.yaml': 'extends: only\n' };
  assert.match((await problems(folder, own))[0] ?? '', 'only.yaml → config/profiles/only.yaml');
});

profiles('a cycle through a symbolic link is one as well', async ({ folder }) => {
  mkdirSync(join(folder, 'config/profiles'), { recursive: true });
  symlinkSync(join(folder, 'config/profiles/a.yaml'), join(folder, 'config/profiles/alias.yaml'));
  const files = { 'config/cluster.yaml': 'extends: alias\n', 'config/profiles/a.yaml': 'extends: alias\nname: a\n' };
  assert.match((await problems(folder, files))[0] ?? '', 'in a cycle: config/profiles/alias.yaml → ');
});

profiles('the same profile twice is no cycle', async ({ folder }) => {
  const files = { 'config/cluster.yaml': 'extends: [base, base]\n', 'config/profiles/base.yaml': 'agents: 2\n' };
  assert.is((await load(folder, files, 'base')).settings.agents, 2);
});

profiles('unknown names and missing files are all told at once, with the nearest name', async ({ folder }) => {
  const files = {
    'config/cluster.yaml': 'extends:\n  - minmal\n  - ./none.yaml\n  - 7\n',
    'config/profiles/mine.yaml': '',
  };
  const found = await problems(folder, files, 'mien');
  assert.is(found.length, 2, 'a list that is not one of names is told before any of it is looked for');
  assert.match(found[0] ?? '', 'config/cluster.yaml:4:5: extends must be the name or path of a profile');
  assert.match(found[1] ?? '', 'flag --profile: there is no profile "mien"; did you mean "mine"? (there are: ');
  assert.match(found[1] ?? '', 'mine, minimal');
  const rest = await problems(folder, { 'config/cluster.yaml': 'extends:\n  - minmal\n  - ./none.yaml\n' });
  assert.match(rest[0] ?? '', 'config/cluster.yaml:2:5: there is no profile "minmal"; did you mean "minimal"?');
  assert.is(rest[1], 'config/cluster.yaml:3:5: there is no file "./none.yaml"');
});

profiles('broken YAML in a profile and a bad settings file are told together', async ({ folder }) => {
  const found = await problems(folder, { 'config/cluster.yaml': '- a\n', 'p.yaml': 'a: [1\n' }, 'p.yaml');
  assert.is(found.length, 2);
  assert.match(found[0] ?? '', 'config/cluster.yaml:1:1: must be a mapping');
  assert.match(found[1] ?? '', /^p\.yaml:2:1: /);
});

profiles('a config of k3d and a manifest are told for what they are, once', async ({ folder }) => {
  const k3d = 'apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 1\n';
  assert.equal(await problems(folder, { 'config/cluster.yaml': k3d }), [
    "config/cluster.yaml:1:1: is a config of k3d's own format, not a settings file; name it in the setting k3d.config (--k3d-config FILE)",
  ]);
  const manifest = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n';
  assert.equal(await problems(folder, { 'config/cluster.yaml': manifest }), [
    'config/cluster.yaml:1:1: is a manifest (Pod), not a settings file; name it in the setting manifests (--manifests FILE)',
  ]);
});

profiles.run();
