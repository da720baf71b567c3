import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { processesBelow } from '../../../../scripts/providers/embedded/processes/orphans.ts';

const strays = suite<{ folder: string; children: ChildProcess[] }>('strays', { folder: '', children: [] });
const onLinux = process.platform === 'linux' ? strays : strays.skip;

strays.before.each((context) => {
  context.folder = realpathSync(mkdtempSync(join(tmpdir(), 'hoist-strays-')));
  context.children = [];
});
strays.after.each(({ folder, children }) => {
  for (const { pid } of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Reports that it runs, then waits without a child: in between fork and exec, one would look like its parent. */
const WAIT = 'echo up; read -r line';

/** Starts a group of its own, and resolves with its id once it runs. */
async function start(
  children: ChildProcess[],
  file: string,
  args: string[],
  { cwd, argv0 = file }: { cwd: string; argv0?: string },
): Promise<number> {
  const child = spawn(file, args, { detached: true, cwd, argv0, stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

onLinux('a process that merely names the folder is none', async ({ folder, children }) => {
  const root = join(folder, 'dev');
  const args = ['-c', WAIT, 'backup', `--exclude=${root}/etcd`, `--kubeconfig=${root}/kubeconfig`];
  await start(children, 'bash', args, { cwd: folder });
  assert.equal(await processesBelow(root), []);
});

onLinux('one of the five is found, even where its binary is gone', async ({ folder, children }) => {
  const root = join(folder, 'dev');
  const binary = join(folder, 'kube-scheduler');
  copyFileSync('/bin/bash', binary);
  chmodSync(binary, 0o755);
  const pid = await start(children, binary, ['-c', WAIT, 'x', `--kubeconfig=${root}/k`], { cwd: folder });
  assert.equal(await processesBelow(root), [pid]);
  rmSync(binary);
  assert.equal(await processesBelow(root), [pid]);
  assert.equal(await processesBelow(join(folder, 'de')), []);
});

onLinux('so is a script of that name in the folder of the cluster', async ({ folder, children }) => {
  const root = join(folder, 'dev');
  mkdirSync(root);
  const wrapper = join(folder, 'etcd');
  writeFileSync(wrapper, `#!/bin/bash\n${WAIT}\n`, { mode: 0o755 });
  const pid = await start(children, wrapper, [`--data-dir=${root}/etcd`], { cwd: root });
  const elsewhere = await start(children, wrapper, [`--data-dir=${root}/etcd`], { cwd: folder });
  assert.equal(await processesBelow(root), [pid]);
  assert.ok(elsewhere > 0);
});

onLinux(
  'the name may be the first word of its command line or the second, not the third',
  async ({ folder, children }) => {
    const root = join(folder, 'dev');
    mkdirSync(root);
    const data = `--data-dir=${root}/etcd`;
    const first = await start(children, 'bash', ['-c', WAIT, 'x', data], { cwd: root, argv0: '/opt/etcd' });
    await start(children, 'bash', ['-c', WAIT, 'etcd', data], { cwd: root });
    assert.equal(await processesBelow(root), [first]);
  },
);

strays.run();
