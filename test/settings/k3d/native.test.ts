import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { expandVariables, parseNativeConfig } from '../../../scripts/settings/k3d/native.ts';

const native = suite('native k3d config');

const GOOD = `apiVersion: k3d.io/v1alpha5
kind: Simple
metadata:
  name: mine
servers: 1
agents: $COUNT
ports:
  - port: 8080:80
    nodeFilters: [loadbalancer]
options:
  k3s:
    extraArgs:
      - arg: --disable=traefik
        nodeFilters: ["server:*"]
`;

async function problemsOf(text: string): Promise<string[]> {
  try {
    await parseNativeConfig('k3d.yaml', text, {});
    return [];
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems.map(({ where, message }) => `${where} ${message}`);
  }
}

native('is read as k3d reads it, and knows where each key stands', async () => {
  const config = await parseNativeConfig('k3d.yaml', GOOD, { COUNT: '2' });
  assert.is(config.tree.agents, 2);
  assert.is(config.text, GOOD);
  assert.is(config.sourceOf(['agents']), 'k3d.yaml:6:9');
  assert.is(config.sourceOf(['options', 'k3s', 'extraArgs', 0, 'arg']), 'k3d.yaml:13:14');
  assert.is(config.sourceOf(['image']), undefined);
});

native('variables are replaced before parsing, what is not set becomes nothing', () => {
  const env = { A: '1', LONG_NAME: 'x' };
  assert.is(expandVariables('$A ${A} ${LONG_NAME}$A $NOT ${NOT}. 5$', env), '1 1 x1  . 5$');
  assert.is(expandVariables('a$$b', env), 'ab');
});

native('every problem at once, with its line and the nearest key', async () => {
  const problems = await problemsOf(
    'apiVersion: k3d.io/v1alpha5\nkind: Simple\nagnets: 2\noptions:\n  k3d:\n    noLB: true\nservers: two\n',
  );
  assert.is(problems.length, 3);
  assert.ok(
    problems.some((p) => p.startsWith('k3d.yaml:3:1') && p.includes('did you mean "agents"?')),
    problems.join('\n'),
  );
  assert.ok(
    problems.some((p) => p.startsWith('k3d.yaml:6:5') && p.includes('no key "noLB"')),
    problems.join('\n'),
  );
  assert.ok(
    problems.some((p) => p.startsWith('k3d.yaml:7:10') && p.includes('whole number')),
    problems.join('\n'),
  );
});

native('an older version, another kind, or no YAML at all', async () => {
  assert.match((await problemsOf('apiVersion: k3d.io/v1alpha4\nkind: Simple\n'))[0] ?? '', /k3d config migrate/);
  assert.match((await problemsOf('apiVersion: k3d.io/v1alpha5\nkind: Full\n'))[0] ?? '', /must be "Simple"/);
  assert.match((await problemsOf('a: [1\n'))[0] ?? '', /^k3d\.yaml:/);
});

native('files are found beside the config, and one that is not there is named with its line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-native-'));
  try {
    writeFileSync(join(folder, 'a.yaml'), 'x');
    const path = join(folder, 'k3d.yaml');
    const text = (source: string): string =>
      `apiVersion: k3d.io/v1alpha5\nkind: Simple\nfiles:\n  - {source: "${source}", destination: /x}\n`;
    const { sources } = await parseNativeConfig(path, text('$DIR/a.yaml'), { DIR: '.' });
    assert.equal(sources, [{ at: 0, path: join(folder, 'a.yaml') }]);
    assert.equal((await parseNativeConfig(path, text('one\\ntwo'), {})).sources, []);
    const error = await parseNativeConfig(path, text('b.yaml'), {}).catch((reason: unknown) => reason);
    assert.instance(error, ConfigError);
    assert.match((error as ConfigError).problems[0]?.where ?? '', /k3d\.yaml:4:\d+$/);
    assert.match((error as ConfigError).message, `there is no file ${join(folder, 'b.yaml')}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

native.run();
