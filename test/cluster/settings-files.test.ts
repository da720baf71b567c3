// Where the benchmark log is: flag, env variable, settings file, default.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { logDirOf } from '../../scripts/cluster/settings-files.ts';
import { ConfigError } from '../../scripts/base/errors.ts';

const test = suite<{ cwd: string }>('cluster: settings files', { cwd: '' });

test.before.each(async (context) => {
  context.cwd = await mkdtemp(join(tmpdir(), 'hoist-settings-files-'));
  await mkdir(join(context.cwd, 'config'));
});
test.after.each(({ cwd }) => rm(cwd, { recursive: true, force: true }));

test('a flag beats the env variable, and both beat the file', async ({ cwd }) => {
  await writeFile(join(cwd, 'config/cluster.yaml'), 'logDir: of-file\n');
  const where = (flags: Record<string, string>, env: Record<string, string>): Promise<string> =>
    logDirOf({ flags }, { env, cwd });
  assert.is(await where({ 'log-dir': 'of-flag' }, { DEPLOY_LOG_DIR: 'of-env' }), join(cwd, 'of-flag'));
  assert.is(await where({}, { DEPLOY_LOG_DIR: 'of-env' }), join(cwd, 'of-env'));
  assert.is(await where({}, { DEPLOY_LOG_DIR: '' }), join(cwd, 'config/of-file'));
});

test("hoist's own settings leave it at logs/", async ({ cwd }) => {
  assert.is(await logDirOf({ flags: {} }, { env: {}, cwd }), join(cwd, 'logs'));
});

test('a profile has its say, and a settings file that is not there is an error', async ({ cwd }) => {
  await writeFile(join(cwd, 'own.yaml'), 'logDir: of-profile\n');
  assert.is(await logDirOf({ flags: { profile: './own.yaml' } }, { env: {}, cwd }), join(cwd, 'of-profile'));
  try {
    await logDirOf({ config: 'nowhere.yaml', flags: {} }, { env: {}, cwd });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.match((error as Error).message, /nowhere\.yaml/);
  }
});

test.run();
