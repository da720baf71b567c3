// What every command that reads settings takes: its flags, and the env variables with those of an --env-file.

import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readTextBoundedSync } from '../host/files/bounded.ts';
import { ConfigError, reasonOf } from '../base/errors.ts';
import { readEnvFile } from '../settings/env-file.ts';
import type { Flag, Io } from './command.ts';

export const settingsFlags = [
  {
    name: 'config',
    short: 'c',
    metavar: 'FILE',
    help: 'settings file; else config/cluster.yaml of this folder, else the built-in one',
  },
  {
    name: 'profile',
    metavar: 'NAME|FILE',
    help: 'settings that are laid over those of the file: minimal, platform or your own [PROFILE]',
  },
  { name: 'env-file', metavar: 'FILE', help: 'more env variables; those that are set already win' },
] as const satisfies readonly Flag[];

/** @throws ConfigError where the env file cannot be read, or has lines that are none. */
export function environment(file: string | undefined, io: Io): NodeJS.ProcessEnv {
  if (file === undefined) return io.env;
  let text: string;
  try {
    text = readTextBoundedSync(resolve(io.cwd, file));
  } catch (error) {
    throw new ConfigError([{ where: `--env-file ${file}`, message: `cannot be read: ${reasonOf(error)}` }]);
  }
  const { values, problems } = readEnvFile(text, file);
  if (problems.length > 0) throw new ConfigError(problems);
  // Node has a flag of the same name: under `npx tsx` it has read the file already, in its own way.
  const byNode = parseEnv(text);
  const set = Object.entries(io.env).filter(([name, value]) => !(name in values) || value !== byNode[name]);
  return { ...values, ...Object.fromEntries(set) };
}
