// Finds tools that are there already, without the network: an explicit path, the cache, the PATH.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { ConfigError, CreationError } from '../base/errors.ts';
import { type ToolOptions, pathVariable, pinOf, title, toolFile } from './options.ts';
import type { ToolName } from './pins.ts';
import { isAsRecorded } from './tool-record.ts';
import { isAccepted, probeVersion } from './version.ts';

export interface LocatedTool {
  name: ToolName;
  /** Absolute, or as the user gave it. */
  path: string;
  source: 'explicit' | 'cache' | 'path';
  /** Undefined only for an explicit binary that prints none. */
  version: string | undefined;
}

/**
 * Finds a tool: the path that the settings or HOIST_TOOL_NAME give, the cache, the PATH where its version is accepted.
 * @returns undefined where it has to be provided first.
 * @throws ConfigError where the explicit path is not an executable file.
 */
export async function locateTool(name: ToolName, options: ToolOptions): Promise<LocatedTool | undefined> {
  const pin = pinOf(name, options);
  const explicit = explicitPath(name, options);
  if (explicit) {
    if (!(await isExecutable(explicit.path))) {
      throw new ConfigError([{ where: explicit.where, message: `${explicit.path} is not an executable file` }]);
    }
    const version = await probeVersion(explicit.path, pin, options);
    return { name, path: explicit.path, source: 'explicit', version };
  }
  const cached = toolFile(pin, options);
  if ((await isExecutable(cached)) && (await isAsRecorded(cached)))
    return { name, path: cached, source: 'cache', version: pin.version };
  for (const folder of (options.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name);
    if (!(await isExecutable(path))) continue;
    const version = await probeVersion(path, pin, options);
    if (version !== undefined && isAccepted(version, pin)) return { name, path, source: 'path', version };
  }
  return undefined;
}

/**
 * The paths of tools that are all there.
 * @throws CreationError that names those which are not.
 */
export async function resolveTools<N extends ToolName>(
  names: readonly N[],
  options: ToolOptions,
): Promise<Record<N, string>> {
  const located = await Promise.all(names.map((name) => locateTool(name, options)));
  const missing = names.filter((_, at) => !located[at]);
  if (missing.length > 0) {
    const titles = missing.map((name) => title(pinOf(name, options))).join(', ');
    throw new CreationError(`${titles}: not there`, { hint: 'Fetch what is missing with `hoist tools fetch`.' });
  }
  return Object.fromEntries(located.flatMap((tool) => (tool ? [[tool.name, tool.path]] : []))) as Record<N, string>;
}

function explicitPath(name: ToolName, { paths, env }: ToolOptions): { path: string; where: string } | undefined {
  const ofSettings = paths?.[name];
  if (ofSettings !== undefined) return { path: ofSettings, where: `tools.${name}` };
  const variable = pathVariable(name);
  const ofEnv = env[variable];
  return ofEnv === undefined || ofEnv === '' ? undefined : { path: ofEnv, where: variable };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
