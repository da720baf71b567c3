// Packs the project, installs it as a user would (`npm i -g TARBALL`, an empty prefix, an empty HOME), and uses it:
// `node --import tsx test/package.ts`. It needs the npm registry,
// and is skipped without one.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hoist-package-'));
const home = join(folder, 'home');
const prefix = join(folder, 'prefix');
const temporary = join(folder, 'tmp');

/** Of the environment only what npm needs to find its registry. */
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(PATH|npm_config_|NODE_EXTRA|.*_proxy)/i.test(name)),
  ),
  HOME: home,
  TMPDIR: temporary,
  npm_config_prefix: prefix,
  // npm tries again for minutes otherwise.
  npm_config_fetch_retries: '1',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '2000',
};

function run(file: string, args: readonly string[], cwd: string): SpawnSyncReturns<string> {
  return spawnSync(file, args, { cwd, env, encoding: 'utf8' });
}

/** @throws Error with what the command wrote */
function succeed(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = run(file, args, cwd);
  if (status === 0) return stdout;
  throw new Error(`${file} ${args.join(' ')} ended with ${String(status)}\n${stdout}${stderr}`);
}

/** What a user sees of the installed command; each with a part of what it must write. */
const USES: readonly (readonly [args: readonly string[], part: string])[] = [
  [['--version'], 'hoist 0.'],
  [['help', 'run'], 'hoist run'],
  [['up', '--plan', '--provider', 'embedded'], 'namespace'],
  [['run', 'hello'], 'hello from a task'],
  [['completion', 'bash'], 'complete'],
];

/** What npm says where there is no registry. */
const UNREACHABLE = /\b(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN)\b/;

try {
  mkdirSync(home);
  mkdirSync(temporary);
  writeFileSync(join(home, 'tasks.yaml'), 'tasks: [{name: hello, actions: [{cmd: echo hello from a task}]}]\n');
  const packed = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', folder], root)) as {
    filename: string;
    size: number;
    entryCount: number;
  }[];
  const [{ filename, size, entryCount } = { filename: '', size: 0, entryCount: 0 }] = packed;
  process.stdout.write(`${filename}: ${entryCount} files, ${Math.round(size / 1024)} KiB\n`);
  succeed('npm', ['install', '-g', '--no-audit', '--no-fund', join(folder, filename)], home);
  for (const [args, part] of USES) {
    const written = succeed(join(prefix, 'bin', 'hoist'), args, home);
    if (!written.includes(part)) throw new Error(`hoist ${args.join(' ')} wrote no "${part}":\n${written}`);
    process.stdout.write(`ok hoist ${args.join(' ')}\n`);
  }
  // There where it runs from source, through tsx, as a package never does.
  const cached = readdirSync(temporary).filter((name) => name.startsWith('tsx'));
  if (cached.length > 0) throw new Error(`hoist left ${cached.join(', ')} in the temporary folder`);
} catch (error) {
  if (!(error instanceof Error && UNREACHABLE.test(error.message))) throw error;
  process.stdout.write('skipped: the npm registry cannot be reached\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
