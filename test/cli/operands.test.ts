// Hostile operands to every command of the table: whatever is outside of hoist's own folders stays as it was.

import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { character } from '../characters.ts';
import { draws } from '../draws.ts';
import { exitCodeOf, HoistError } from '../../scripts/base/errors.ts';
import { isClusterName } from '../../scripts/base/names.ts';
import { parseArguments } from '../../scripts/cli/arguments.ts';
import type { CommandSpec, Io } from '../../scripts/cli/command.ts';
import { commands } from '../../scripts/cli/commands.ts';
import { ioIn } from './invoke.ts';

const operands = suite<{ top: string; folder: string }>('hostile operands', { top: '', folder: '' });

/** Deeper than any operand climbs: a hoist that is wrong again removes nothing but what is the test's own. */
const DEPTH = 'a/b/c/d/e/f/g/h/i/j';

/** Commands whose operands are names of clusters. */
const OF_CLUSTERS = ['down', 'stop', 'start', 'status'];

/** Each folder looks like one that hoist made: only where it is can keep it. */
const FOLDERS = ['outside/victim', 'outside/victim/sub', 'outside', 'home', 'project', 'project/dev', '.'];
const RECORDS = ['state.json', 'cluster.json', 'kubeconfig', 'keep'];

operands.before.each((context) => {
  context.top = mkdtempSync(join(tmpdir(), 'hoist-operands-'));
  const folder = join(context.top, DEPTH);
  context.folder = folder;
  const inState = ['clusters/dev', 'k3d/dev', 'existing/dev', 'pki'].map((path) => `state/hoist/${path}`);
  for (const path of [...FOLDERS, ...inState]) {
    mkdirSync(join(folder, path), { recursive: true });
    for (const record of RECORDS) writeFileSync(join(folder, path, record), '{}');
  }
  writeFileSync(join(folder, 'state/hoist/tools.lock.json'), '{}');
});
operands.after.each(({ top }) => rmSync(top, { recursive: true, force: true }));

const read = new Map<string, { changed: bigint; inode: bigint; text: string }>();

/** The text of a file, read again only where its inode says that something was written. */
function textOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true });
  if (!stat.isFile()) return undefined;
  const known = read.get(path);
  if (known?.changed === stat.ctimeNs && known.inode === stat.ino) return known.text;
  const text = readFileSync(path, 'utf8');
  read.set(path, { changed: stat.ctimeNs, inode: stat.ino, text });
  return text;
}

/** Every file with its text, but the locks, and what is new in the folders that commands may write to. */
function snapshot(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    paths
      .filter((path) => !/^(state\/hoist\/locks|cache)\//.test(path))
      .sort()
      .flatMap((path) => {
        const text = textOf(join(folder, path));
        return text === undefined ? [] : [[path, text]];
      }),
  );
}

const ioOf = (folder: string): Io => ioIn(folder, {}, join(folder, 'project'));

/** What a shell, a CI variable or a script may hand over. */
function hostile(folder: string): fc.Arbitrary<string> {
  const part = fc.constantFrom(
    '..',
    '..',
    '.',
    '',
    'victim',
    'outside',
    'dev',
    'clusters',
    'hoist',
    'state',
    '*',
    '~',
    '%2e%2e',
  );
  const path = fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join('/'));
  const known = fc.constantFrom(
    '',
    '.',
    '..',
    '/',
    '../..',
    '../../../outside/victim',
    '../../../../outside/victim',
    'dev/../../../../outside/victim',
    join(folder, 'outside/victim'),
    '$(touch pwned)',
    'a\u001b]52;c;aGk=\u0007',
    '\u202evid',
    'dev ',
    ' dev',
    'dev\n',
    'DEV',
  );
  const any = fc.string({ unit: character, maxLength: 50 }).map((text) => text.replaceAll('\0', ''));
  return fc.oneof(known, path, any).filter((text) => !isClusterName(text));
}

async function run(spec: CommandSpec, argv: readonly string[], io: Io): Promise<unknown> {
  try {
    return await spec.run(parseArguments(spec, argv), io);
  } catch (error) {
    return error;
  }
}

for (const { name, load } of commands) {
  operands(`${name} leaves all else as it was, and fails as a usage error where a name is none`, async ({ folder }) => {
    const spec = await load();
    const before = snapshot(folder);
    const names = fc.array(hostile(folder), { minLength: 1, maxLength: Math.min(spec.operands, 2) || 1 });
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const result = await run(spec, ['--', ...given], ioOf(folder));
        const what = `${name} ${JSON.stringify(given)}: ${String(result)}`;
        if (OF_CLUSTERS.includes(name)) assert.is(exitCodeOf(result), 2, what);
        // Anything else is an error that nobody thought of.
        if (result instanceof Error) assert.instance(result, HoistError, what);
        assert.equal(snapshot(folder), before, what);
      }),
      { numRuns: draws(120) },
    );
  });
}

/** What commands with verbs take before their operands. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  collect: ['analyze', 'redact', 'diff'],
  sync: ['lint', 'status', 'now', 'adopt', 'install', 'deploy'],
  tools: ['list', 'fetch', 'prune'],
  completion: ['bash', 'zsh', 'fish'],
};

operands('what follows a verb leaves all else as it was, too', async ({ folder }) => {
  const before = snapshot(folder);
  const cases = Object.entries(VERBS).flatMap(([name, verbs]) => verbs.map((verb) => ({ name, verb })));
  const specs = new Map(await Promise.all(commands.map(async ({ name, load }) => [name, await load()] as const)));
  const given = fc.tuple(fc.constantFrom(...cases), fc.array(hostile(folder), { minLength: 1, maxLength: 2 }));
  await fc.assert(
    fc.asyncProperty(given, async ([{ name, verb }, names]) => {
      const spec = specs.get(name);
      assert.ok(spec, name);
      const result = await run(spec, [verb, '--', ...names], ioOf(folder));
      const what = `${name} ${verb} ${JSON.stringify(names)}: ${String(result)}`;
      if (result instanceof Error) assert.instance(result, HoistError, what);
      assert.equal(snapshot(folder), before, what);
    }),
    { numRuns: draws(150) },
  );
});

operands('a name that a flag gives is no other than one that an operand gives', async ({ folder }) => {
  const before = snapshot(folder);
  const specs = await Promise.all(commands.map(({ load }) => load()));
  const takers = specs.filter(({ settings }) => settings === 'all' || settings.includes('name'));
  assert.ok(takers.length >= 5);
  await fc.assert(
    fc.asyncProperty(hostile(folder), fc.constantFrom(...takers), async (given, spec) => {
      const result = await run(spec, [`--name=${given}`, '--provider=embedded'], ioOf(folder));
      const what = `${spec.name} --name=${JSON.stringify(given)}: ${String(result)}`;
      assert.instance(result, HoistError, what);
      assert.is(exitCodeOf(result), 2, what);
      assert.equal(snapshot(folder), before, what);
    }),
    { numRuns: draws(100) },
  );
});

operands('no process of any cluster ends by a name that is none', async ({ folder }) => {
  const binary = join(folder, 'kube-scheduler');
  copyFileSync('/bin/bash', binary);
  chmodSync(binary, 0o755);
  const clusters = join(folder, 'state/hoist/clusters');
  const child = spawn(binary, ['-c', 'echo up; sleep 60; true', 'x', `--kubeconfig=${clusters}/dev/kubeconfig`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const down = await commands.find(({ name }) => name === 'down')?.load();
    assert.ok(down);
    for (const name of ['', '.', '..', 'dev/..', dirname(clusters)]) {
      assert.is(exitCodeOf(await run(down, ['--', name], ioOf(folder))), 2, name);
      assert.is(child.exitCode ?? child.signalCode, null, name);
    }
    await run(down, ['--', 'dev'], ioOf(folder));
    assert.is(await exited, 'SIGTERM');
  } finally {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGKILL');
  }
});

operands.run();
