import { chmod, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, CreationError } from '../../scripts/base/errors.ts';
import { sha256Of } from '../../scripts/tools/tool-record.ts';
import { locateTool, resolveTools } from '../../scripts/tools/locate.ts';
import { pathVariable, platformOf, toolFile } from '../../scripts/tools/options.ts';
import { PINS, fillIn } from '../../scripts/tools/pins.ts';
import { compareVersions, isAccepted } from '../../scripts/tools/version.ts';
import { type Workbench, pinAt, toolScript, workbench } from './workbench.ts';

const test = suite<{ bench: Workbench }>('finding tools');

test.before.each(async (context) => {
  context.bench = await workbench();
  context.bench.options.pins = { kwok: pinAt('http://publisher.invalid', 'kwok') };
});
test.after.each(({ bench }) => bench.close());

async function install(path: string, content: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

test('a tool that is nowhere is not found', async ({ bench }) => {
  assert.is(await locateTool('kwok', bench.options), undefined);
});

test('the explicit path wins over the cache, and the cache over the PATH', async ({ bench }) => {
  const { options, folder } = bench;
  const onPath = await install(join(folder, 'bin/kwok'), toolScript('1.2.9'));
  assert.equal(await locateTool('kwok', options), { name: 'kwok', path: onPath, source: 'path', version: '1.2.9' });

  const cached = await install(toolFile(pinAt('', 'kwok'), options), toolScript('1.2.3'));
  assert.is((await locateTool('kwok', options))?.source, 'path', 'a binary without a record counts for nothing');
  const record = { version: '1.2.3', sha256: await sha256Of(cached), made: '2026-01-01T00:00:00Z', source: 'download' };
  await writeFile(`${cached}.json`, JSON.stringify(record));
  assert.equal(await locateTool('kwok', options), { name: 'kwok', path: cached, source: 'cache', version: '1.2.3' });

  const own = await install(join(folder, 'own'), toolScript('9.9.9'));
  options.env = { ...options.env, HOIST_TOOL_KWOK: own };
  assert.equal(await locateTool('kwok', options), { name: 'kwok', path: own, source: 'explicit', version: '9.9.9' });

  const settings = await install(join(folder, 'settings'), 'no script, and so without a version');
  options.paths = { kwok: settings };
  const located = { name: 'kwok', path: settings, source: 'explicit', version: undefined } as const;
  assert.equal(await locateTool('kwok', options), located);
});

test('on the PATH only an accepted version counts, and the search goes on', async ({ bench }) => {
  const { options, folder } = bench;
  await install(join(folder, 'bin/kwok'), toolScript('1.3.0'));
  assert.is(await locateTool('kwok', options), undefined);
  const second = await install(join(folder, 'second/kwok'), toolScript('1.2.0'));
  options.env = { ...options.env, PATH: `${options.env['PATH'] ?? ''}:${join(folder, 'second')}` };
  assert.is((await locateTool('kwok', options))?.path, second);
});

test('a version is asked for once, as long as the file stays the same', async ({ bench }) => {
  const { options, folder } = bench;
  const log = join(folder, 'log');
  const script = (version: string): string => `${toolScript(version)}echo asked >> '${log}'\n`;
  const path = await install(join(folder, 'bin/kwok'), script('1.2.4'));
  await locateTool('kwok', options);
  assert.is((await locateTool('kwok', options))?.version, '1.2.4');
  assert.is(await readFile(log, 'utf8'), 'asked\n');

  await install(path, script('1.2.5'));
  await utimes(path, new Date(), new Date(Date.now() - 60_000));
  assert.is((await locateTool('kwok', options))?.version, '1.2.5');
});

test('versions of several tools that are asked for at once are all remembered', async ({ bench }) => {
  const { options, folder } = bench;
  options.pins = { kwok: pinAt('', 'kwok'), etcd: pinAt('', 'etcd'), helm: pinAt('', 'helm') };
  for (const name of ['kwok', 'etcd', 'helm']) await install(join(folder, 'bin', name), toolScript('1.2.3'));
  await resolveTools(['kwok', 'etcd', 'helm'], options);
  const versions = JSON.parse(await readFile(join(folder, 'cache/hoist/versions.json'), 'utf8')) as object;
  assert.is(Object.keys(versions).length, 3);
});

test('an explicit path that is no executable file is a mistake in the configuration', async ({ bench }) => {
  const { options, folder } = bench;
  for (const path of [join(folder, 'missing'), folder]) {
    try {
      await locateTool('kwok', { ...options, env: { ...options.env, HOIST_TOOL_KWOK: path } });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ConfigError);
      assert.is((error as Error).message, `HOIST_TOOL_KWOK: ${path} is not an executable file`);
    }
  }
});

test('resolving names all tools that are not there', async ({ bench }) => {
  const { options, folder } = bench;
  await install(join(folder, 'bin/kwok'), toolScript('1.2.3'));
  try {
    await resolveTools(['kwok', 'etcd', 'helm'], options);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CreationError);
    assert.match((error as Error).message, /^etcd \S+, helm \S+: not there$/);
  }
});

test('versions are compared by number, within the range of the pin', () => {
  assert.ok(compareVersions('1.10.0', '1.9.9') > 0);
  assert.ok(compareVersions('1.2.3', '1.2.10') < 0);
  assert.is(compareVersions('1.2.3', '1.2.3'), 0);
  const accepted = ['1.36.0', '1.36.9', '1.35.9', '1.37.0'].map((v) => isAccepted(v, PINS['kube-scheduler']));
  assert.equal(accepted, [true, true, false, false]);
});

test('every pin lies in the range that it accepts, and its addresses are whole', () => {
  for (const pin of Object.values(PINS)) {
    assert.ok(isAccepted(pin.version, pin), pin.name);
    for (const os of ['linux', 'darwin'] as const) {
      const { url = '', checksums = '' } = pin.published[os] ?? {};
      const filled = [url, checksums].map((template) => fillIn(template, pin, { os, arch: 'arm64' }));
      for (const address of filled.filter(Boolean)) {
        assert.is(new URL(address).protocol, 'https:');
        assert.not.match(address, /[{}]/);
      }
    }
  }
  const etcd = fillIn(PINS.etcd.published.darwin?.url ?? '', PINS.etcd, { os: 'darwin', arch: 'arm64' });
  assert.ok(etcd.endsWith('/v3.6.8/etcd-v3.6.8-darwin-arm64.zip'));
});

test('each tool has a variable of its own', () => {
  assert.is(pathVariable('kube-controller-manager'), 'HOIST_TOOL_KUBE_CONTROLLER_MANAGER');
});

test('the platform is that of this machine', () => {
  const { os, arch } = platformOf({ env: {}, exec: () => Promise.reject(new Error('not called')) });
  assert.is(os, process.platform);
  assert.ok(['amd64', 'arm64'].includes(arch));
});

test.run();
