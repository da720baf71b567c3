import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleAt, scriptOf } from '../../child.ts';
import { parse } from 'yaml';
import { HoistError } from '../../../scripts/base/errors.ts';
import {
  kubeconfigPaths,
  mergeContext,
  removeContext,
  userKubeconfig,
} from '../../../scripts/kube/kubeconfig/kubeconfig.ts';

const test = suite<{ dir: string }>('kubeconfig files');
const spec = {
  name: 'hoist-dev',
  cluster: { server: 'https://127.0.0.1:1' },
  user: { token: 'abc' },
  setCurrent: true,
};

test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'hoist-kubeconfig-'));
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true });
});

async function thrown(promise: Promise<unknown>): Promise<HoistError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, HoistError, String(error));
    return error as HoistError;
  }
  throw new Error('nothing was thrown');
}

/** Runs with the file as a mount of its own, as development containers have it; false where this user may not mount. */
async function asMount(file: string, run: () => Promise<void>): Promise<boolean> {
  if (spawnSync('mount', ['--bind', file, file], { stdio: 'ignore' }).status !== 0) return false;
  try {
    await run();
  } finally {
    spawnSync('umount', [file], { stdio: 'ignore' });
  }
  return true;
}

(process.getuid?.() === 0 && process.platform === 'linux' ? test : test.skip)(
  'a file that is a mount is written in its place, since it cannot be replaced',
  async ({ dir }) => {
    const file = join(dir, 'config');
    await writeFile(file, 'apiVersion: v1\nkind: Config\n', { mode: 0o640 });
    const mounted = await asMount(file, async () => {
      await mergeContext(file, spec);
      assert.is((parse(await readFile(file, 'utf8')) as { 'current-context': string })['current-context'], 'hoist-dev');
      assert.is((await stat(file)).mode & 0o777, 0o640);
      await removeContext(file, 'hoist-dev');
      assert.not.match(await readFile(file, 'utf8'), 'hoist-dev');
    });
    // Root in a container may not mount.
    if (mounted) assert.equal(await readdir(dir), ['config']);
  },
);

test('which files there are, and which one is written to', async ({ dir }) => {
  const home = { HOME: dir };
  assert.equal(kubeconfigPaths(home, undefined), [join(dir, '.kube', 'config')]);
  assert.equal(kubeconfigPaths({ ...home, KUBECONFIG: '' }, undefined), [join(dir, '.kube', 'config')]);
  assert.equal(kubeconfigPaths({ ...home, KUBECONFIG: ':a::b:a:' }, undefined), ['a', 'b']);
  assert.equal(kubeconfigPaths({ ...home, KUBECONFIG: 'a' }, 'c:d'), ['c', 'd']);

  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(dir, name)) as [string, string, string];
  assert.is(userKubeconfig(home, undefined), join(dir, '.kube', 'config'));
  assert.is(userKubeconfig({ KUBECONFIG: a }, undefined), a);
  assert.is(userKubeconfig({ KUBECONFIG: `${a}:${b}:${c}` }, undefined), c);
  await writeFile(b, '');
  await writeFile(c, '');
  assert.is(userKubeconfig({ KUBECONFIG: `${a}:${b}:${c}` }, undefined), b);
});

test('missing folders and file are made for their owner alone, and the file goes again', async ({ dir }) => {
  const path = join(dir, 'deep', '.kube', 'config');
  await mergeContext(path, spec);
  assert.is((await stat(join(dir, 'deep', '.kube'))).mode & 0o777, 0o700);
  assert.is((await stat(path)).mode & 0o777, 0o600);
  assert.is((parse(await readFile(path, 'utf8')) as Record<string, unknown>)['current-context'], 'hoist-dev');
  assert.equal(await readdir(join(dir, 'deep', '.kube')), ['config']);
  await removeContext(path, 'hoist-dev');
  assert.equal(await readdir(join(dir, 'deep', '.kube')), []);
});

test('an empty file stays an empty file, with its mode', async ({ dir }) => {
  const path = join(dir, 'config');
  await writeFile(path, '');
  await chmod(path, 0o640);
  await mergeContext(path, spec);
  assert.is((await stat(path)).mode & 0o777, 0o640);
  await removeContext(path, 'hoist-dev');
  assert.is(await readFile(path, 'utf8'), '');
});

test('no change is no write; removing from no file makes none', async ({ dir }) => {
  const path = join(dir, 'config');
  await mergeContext(path, spec);
  const { ino } = await stat(path);
  await mergeContext(path, spec);
  assert.is((await stat(path)).ino, ino);
  await removeContext(path, 'hoist-other');
  assert.is((await stat(path)).ino, ino);
  await removeContext(join(dir, 'none', 'config'), 'hoist-dev');
  assert.equal(await readdir(dir), ['config']);
});

test('a symbolic link stays one', async ({ dir }) => {
  await mkdir(join(dir, 'dotfiles'));
  const target = join(dir, 'dotfiles', 'kube');
  const path = join(dir, 'config');
  await writeFile(target, '# mine\n');
  await symlink(target, path);
  await mergeContext(path, spec);
  assert.ok((await lstat(path)).isSymbolicLink());
  assert.match(await readFile(target, 'utf8'), 'hoist-dev');
  await removeContext(path, 'hoist-dev');
  assert.is(await readFile(target, 'utf8'), '# mine\n');
  assert.equal(await readdir(join(dir, 'dotfiles')), ['kube']);
});

test('a broken file is left as it is', async ({ dir }) => {
  const path = join(dir, 'config');
  const broken: [string | Buffer, string, RegExp][] = [
    ['users:\n- name: [\n', 'ConfigError', /config:3:1: the kubeconfig is not valid YAML/],
    [Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]), 'HoistError', /is not UTF-8/],
  ];
  for (const [content, type, message] of broken) {
    await writeFile(path, content);
    for (const change of [() => mergeContext(path, spec), () => removeContext(path, 'hoist-dev')]) {
      const error = await thrown(change());
      assert.is(error.name, type);
      assert.match(error.message, message);
    }
    assert.equal(await readFile(path), Buffer.from(content));
    assert.equal(await readdir(dir), ['config']);
  }
});

test('a folder in its place, and a file in the place of its folder', async ({ dir }) => {
  await mkdir(join(dir, 'config'));
  assert.match((await thrown(mergeContext(join(dir, 'config'), spec))).message, /could not be changed: EISDIR/);
  await writeFile(join(dir, 'file'), '');
  const error = await thrown(mergeContext(join(dir, 'file', 'config'), spec));
  assert.match(error.message, /could not be changed: (ENOTDIR|EEXIST)/);
  assert.match(error.hint ?? '', '`mergeKubeconfig`');
});

const asRoot = process.getuid?.() === 0 ? test : (test.skip.bind(test) as typeof test);
asRoot("under sudo the file stays its owner's", async ({ dir }) => {
  const path = join(dir, 'config');
  await writeFile(path, '');
  await chown(path, 1234, 1234);
  await mergeContext(path, spec);
  const { uid, gid } = await stat(path);
  assert.equal([uid, gid], [1234, 1234]);
});

test('a lock of kubectl is waited for, and one that stays is named', async ({ dir }) => {
  const path = join(dir, 'config');
  const lock = `${path}.lock`;
  await writeFile(lock, '');
  let merged = false;
  const merging = mergeContext(path, spec).then(() => (merged = true));
  // Ours comes first: when it is there, the merge waits for kubectl's.
  while (!(await readdir(dir)).includes('config.hoist.lock')) await new Promise((resolve) => setImmediate(resolve));
  assert.is(merged, false);
  await rm(lock);
  await merging;
  await writeFile(lock, '');
  const error = await thrown(mergeContext(path, { ...spec, name: 'hoist-b' }));
  assert.match(error.message, 'locked by another program');
  assert.match(error.hint ?? '', lock);
  assert.equal((await readdir(dir)).sort(), ['config', 'config.lock']);
});

test('many processes at once lose no entry', async ({ dir }) => {
  const path = join(dir, 'config');
  await writeFile(path, '# mine\n');
  const code = (name: string): string => `
    import { mergeContext, removeContext } from ${moduleAt('scripts/kube/kubeconfig/kubeconfig.ts')};
    const path = ${JSON.stringify(path)};
    for (let i = 0; i < 5; i++) {
      const spec = { name: ${JSON.stringify(name)} + i, cluster: { server: 'https://x' }, user: {}, setCurrent: false };
      await mergeContext(path, spec);
      if (i % 2 === 1) await removeContext(path, spec.name);
    }
  `;
  const children = ['hoist-a', 'hoist-b', 'hoist-c'].map((name) =>
    spawn(process.execPath, scriptOf(code(name)), {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  const codes = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
  assert.equal(codes, [0, 0, 0]);
  const text = await readFile(path, 'utf8');
  const names = (parse(text) as { contexts: { name: string }[] }).contexts.map((entry) => entry.name).sort();
  assert.equal(
    names,
    ['a', 'b', 'c'].flatMap((letter) => [0, 2, 4].map((i) => `hoist-${letter}${i}`)),
  );
  for (const name of names) await removeContext(path, name);
  assert.is(await readFile(path, 'utf8'), '# mine\n');
});

test.run();
