// Where settings come from, which source wins, and what is said of bad ones.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../scripts/base/errors.ts';
import { type LoadedSettings, loadSettings } from '../../scripts/settings/load.ts';
import { settingOptions } from '../../scripts/settings/options.ts';
import { withSettingsTable } from '../../scripts/settings/settings-table.ts';
import { jsonSchema, settingsSchema } from '../../scripts/settings/schema.ts';
import { parseSettingsFile } from '../../scripts/settings/yaml.ts';

const settings = suite('settings');

async function load(yaml: string, env = {}, flags = {}): Promise<LoadedSettings> {
  return loadSettings({ file: await parseSettingsFile('c.yaml', yaml), env, flags });
}

async function problems(yaml: string, env = {}, flags = {}): Promise<ConfigError['problems']> {
  try {
    await load(yaml, env, flags);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

settings('a key that objects would lose is refused with its line', async () => {
  const text = 'secrets:\n  - name: s\n    data:\n      __proto__: {env: A}\n';
  assert.equal(
    (await problems(text)).map(({ where, message }) => `${where} ${message}`),
    ['c.yaml:4:7 "__proto__" cannot be a key here'],
  );
  assert.equal(await problems('name: dev # __proto__\n'), []);
});

settings('an empty file is a valid one', async () => {
  const { settings: s, sourceOf } = await load('');
  assert.is(s.provider, 'auto');
  assert.is(s.name, 'dev');
  assert.is(s.agents, undefined);
  assert.is(sourceOf(['name']), 'default');
});

settings('flag beats env beats file beats default, and each value knows its source', async () => {
  const yaml = 'name: file\nagents: 1\nnamespaces: [one]\nk3d:\n  image: file/image\n';
  const env = { CLUSTER_NAME: 'env', AGENTS: '2', K3S_IMAGE: 'env/image', NAMESPACES: 'a, b c' };
  const { settings: s, sourceOf } = await load(yaml, env, { name: 'flag' });
  assert.is(s.name, 'flag');
  assert.is(s.agents, 2);
  assert.equal(s.namespaces, ['a', 'b', 'c']);
  assert.is(s.k3d.image, 'env/image');
  assert.is(sourceOf(['name']), 'flag --name');
  assert.is(sourceOf(['agents']), 'env AGENTS');
  assert.is(sourceOf(['k3d', 'image']), 'env K3S_IMAGE');
  const plain = await load(yaml);
  assert.is(plain.sourceOf(['agents']), 'c.yaml:2:9');
  assert.is(plain.sourceOf(['k3d', 'image']), 'c.yaml:5:10');
  assert.is(plain.sourceOf(['timeout']), 'default');
});

settings('an empty env variable is as good as none', async () => {
  assert.is((await load('', { AGENTS: '', NAMESPACES: '' })).settings.agents, undefined);
});

settings('a switch may be written as YAML 1.1 does, and nothing else becomes one', async () => {
  const yaml =
    'tuning: yes\nmergeKubeconfig: Off\nk3d: {caches: no, loadBalancer: on}\ncomponentArgs: {apiserver: {x: yes}}\n';
  const { settings: s } = await load(yaml);
  assert.equal([s.tuning, s.mergeKubeconfig, s.k3d.caches, s.k3d.loadBalancer], [true, false, false, true]);
  assert.equal(s.componentArgs.apiserver, { x: 'yes' });
  assert.equal(
    (await problems('tuning: maybe\nname: yes\n')).map(({ message }) => message),
    ['tuning must be true or false, not "maybe"'],
  );
});

settings('what is of the wrong kind is told in words for people', async () => {
  const yaml = 'name: 2024\nnamespaces: dev\ntimeout: 90\nk3d: [a]\n';
  assert.equal((await problems(yaml)).map(({ message }) => message).sort(), [
    'k3d must be a mapping of keys to values, not ["a"]',
    'name must be text, not 2024',
    'namespaces must be a list, like [a, b], not "dev"',
    'timeout must be a duration like "90s", "10m" or "1m30s", not 90',
  ]);
});

settings('what may be a secret is repeated by no message', async () => {
  const cases = [
    'helm: {repos: [{name: a, url: "https://x.example", password: hunter2pw}]}',
    'helm:\n  repos:\n    - name: a\n      url: https://user:hunter2pw@x.example\n',
    'services:\n  - name: a\n    chart: ./a\n    valuesFrom: {db.password: hunter2pw}\n',
    'secrets:\n  - name: a\n    data: {key: hunter2pw}\n',
    'secrets:\n  - name: a\n    password: hunter2pw\n    data: {}\n',
    'pasword: hunter2pw',
    'token: "hunter2pw',
  ];
  for (const yaml of cases) {
    const found = await load(yaml).then(
      () => '',
      (error: unknown) => String(error),
    );
    assert.match(found, 'ConfigError', yaml);
    assert.not.match(found, 'hunter2pw', yaml);
  }
});

settings('aliases of aliases are a problem of the file', async () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++) bomb.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`);
  assert.match((await problems(bomb.join('\n'))).map(({ message }) => message).join(), 'cannot be read');
});

settings('the result is frozen to its depth', async () => {
  const { settings: s } = await load('secrets: [{name: a, data: {}}]');
  assert.throws(() => {
    s.namespaces.push('x');
  }, TypeError);
  assert.ok(Object.isFrozen(s.secrets[0]));
});

settings('all errors of all sources are reported at once, one sentence each', async () => {
  const yaml = 'agents: two\nnamepsaces: [a]\nk3d:\n  imgae: x\n';
  const found = await problems(yaml, { NAMESPACES: 'Bad_Name' }, { timeout: 'soon' });
  assert.equal(found.map((p) => `${p.where}: ${p.message}`).sort(), [
    'c.yaml:1:9: agents must be a whole number, not "two"',
    'c.yaml:2:1: unknown setting "namepsaces"; did you mean "namespaces"?',
    'c.yaml:4:3: unknown setting "imgae" in "k3d"; did you mean "image"?',
    'env NAMESPACES: namespaces.0 must be lower-case letters, digits and "-", and start and end with a letter or digit, not "Bad_Name"',
    'flag --timeout: timeout must be a duration like "90s", "10m" or "1m30s", not "soon"',
  ]);
  assert.is(found.find((p) => p.where.startsWith('c.yaml:1'))?.excerpt, '  1 | agents: two\n              ^');
  assert.is(new ConfigError(found).exitCode, 2);
});

settings('a value in a nested list is found in its line', async () => {
  const found = await problems('secrets:\n  - name: ok\n    data: {}\n  - name: Not_OK\n    data: {}\n');
  assert.is(found[0]?.where, 'c.yaml:4:11');
});

settings('a secret that stands in the settings is refused without being shown', async () => {
  const yaml = 'secrets:\n  - name: api\n    data:\n      token: hunter2\n';
  const [problem] = await problems(yaml);
  assert.is(problem?.where, 'c.yaml:4:14');
  assert.match(problem?.message ?? '', 'a secret never stands in the settings');
  assert.not.match(JSON.stringify(problem), 'hunter2');
});

settings('broken YAML shows file, line, column and the line itself', async () => {
  try {
    await load('name: dev\nagents: [1\n');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.match((error as Error).message, /^c\.yaml:3:1: .*\n {2}3 \| /);
  }
});

settings('a file that is a list is no settings file', async () => {
  try {
    await load('- a\n');
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, 'c.yaml:1:1: must be a mapping');
  }
});

settings('each option stands for a setting that exists', () => {
  const walk = (key: string): unknown =>
    key
      .split('.')
      .reduce<unknown>(
        (node, part) => (node as { properties?: Record<string, unknown> } | undefined)?.properties?.[part],
        jsonSchema(),
      );
  for (const option of settingOptions) assert.ok(walk(option.key), `${option.key} is not in the schema`);
  for (const name of ['env', 'flag', 'key'] as const) {
    assert.is(new Set(settingOptions.map((o) => o[name])).size, settingOptions.length, `${name} is given twice`);
  }
});

settings('config/schema is what the schema generates', () => {
  const file = readFileSync(new URL('../../config/schema/cluster.schema.json', import.meta.url), 'utf8');
  assert.is(file, `${JSON.stringify(jsonSchema(), null, 2)}\n`, 'run `npm run schema`');
});

settings("the README's table is what the settings generate", () => {
  const page = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  assert.is(page, withSettingsTable(page), 'run `npm run schema`');
  for (const { flag } of settingOptions) assert.match(page, `\`--${flag}\``);
});

settings('durations and sizes leave the schema as numbers, also those that nobody wrote', () => {
  const { timeout, healthTimeout, k3d, services } = settingsSchema.parse({
    healthTimeout: '90s',
    k3d: { memoryLimitAgent: '1.5G' },
    services: [{ name: 'web', chart: './web' }],
  });
  assert.equal([timeout, healthTimeout], [1_800_000, 90_000]);
  assert.equal([k3d.memoryLimitServer, k3d.memoryLimitAgent], [undefined, 1_500_000_000]);
  assert.is(services[0]?.timeout, 300_000);
});

settings.run();
