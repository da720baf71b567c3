// Where hoist keeps its files: the XDG base folders, on Linux and macOS alike.

import { userInfo } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What can be made again: tools, downloads, probes. `$XDG_CACHE_HOME/hoist`, else `~/.cache/hoist`. */
export function cacheHome(env: Environment): string {
  return xdgHome(env, 'XDG_CACHE_HOME', '.cache');
}

/** What clusters consist of: keys, data, logs, process ids. `$XDG_STATE_HOME/hoist`, else `~/.local/state/hoist`. */
export function stateHome(env: Environment): string {
  return xdgHome(env, 'XDG_STATE_HOME', '.local/state');
}

/** Whether a path lies below a folder, by the names alone: links are not followed. */
export function isBelow(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest !== '' && rest.split('/')[0] !== '..';
}

function xdgHome(env: Environment, variable: string, fallback: string): string {
  const base = env[variable];
  // The XDG specification: a relative path is invalid and to be ignored.
  if (base !== undefined && isAbsolute(base)) return join(base, 'hoist');
  const home = env['HOME'] ?? '';
  return join(isAbsolute(home) ? home : userInfo().homedir, fallback, 'hoist');
}
