// Keeps `npx tsx scripts/COMMAND.ts` from running code of the folder that it is started in: tsx takes the tsconfig.json of
// that folder, whose `paths` may name a file for each package that hoist loads.

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The tsconfig.json that tsx has taken, where it is not that of hoist itself; only relative and built-in modules may be loaded then. */
export function strangeTsconfig(script: string | undefined, cwd: string): string | undefined {
  // The bundle and bin/hoist bring their own loader, or none; who names a file means it.
  if (script?.endsWith('.ts') !== true || process.env['TSX_TSCONFIG_PATH'] !== undefined) return undefined;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, 'tsconfig.json');
    if (existsSync(file)) return realpathSync(folder) === realpathSync(ROOT) ? undefined : file;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs the same command by bin/hoist, which reads no tsconfig.json; resolves with its exit code. */
export async function runWithoutTsconfig(command: string, argv: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/hoist'), command, ...argv], { stdio: 'inherit' });
  // A terminal signals both; what is sent to this process alone is handed on.
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  const handlers = names.map((name) => () => {
    if (name !== 'SIGINT') child.kill(name);
  });
  names.forEach((name, i) => process.on(name, handlers[i] ?? (() => undefined)));
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    names.forEach((name, i) => process.off(name, handlers[i] ?? (() => undefined)));
  }
}
