// Which settings files a command reads, and where the benchmark log is by them.

import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromEnv } from '../settings/options.ts';
import type { LayeredSettings } from '../settings/layers.ts';
import { type ProfileChoice, readLayeredSettings } from '../settings/profiles.ts';
import type { ClusterContext } from '../context.ts';

/** What the command line says of the settings. */
export interface SettingsRequest {
  /** `--config`; else config/cluster.yaml of the working directory, else hoist's own. */
  config?: string | undefined;
  /** Settings that were read already, in place of all files: those of an offline bundle. */
  given?: LayeredSettings | undefined;
  /** Values of flags, by flag name: those of settings, `profile` and `yes-this-is`. */
  flags: Readonly<Record<string, string | undefined>>;
}

type EnvAndFolder = Pick<ClusterContext, 'env' | 'cwd'>;

const OWN_CONFIG = fileURLToPath(new URL('../../config/cluster.yaml', import.meta.url));

/** Whether what stands in a settings file of this folder is hoist's own default, which was not asked for. */
export function isOwnFolder(folder: string): boolean {
  return folder === dirname(OWN_CONFIG);
}

/** @throws ConfigError with every file that cannot be read */
export async function readSettingsFiles(
  request: SettingsRequest,
  { env, cwd }: EnvAndFolder,
): Promise<LayeredSettings> {
  if (request.given) return request.given;
  const path = request.config === undefined ? await defaultConfig(cwd) : resolve(cwd, request.config);
  return readLayeredSettings(path, profileChoice(request.flags, env), cwd);
}

/**
 * The folder of the benchmark log, absolute, without checking the other settings: for commands that only read the log.
 * @throws ConfigError with every file that cannot be read, unless a flag or env variable says where the log is
 */
export async function logDirOf(request: SettingsRequest, { env, cwd }: EnvAndFolder): Promise<string> {
  const said = request.flags['log-dir'] ?? fromEnv(env, 'DEPLOY_LOG_DIR')?.value;
  if (said !== undefined) return resolve(cwd, said);
  const file = await readSettingsFiles(request, { env, cwd });
  const { logDir } = file.tree as { logDir?: unknown };
  return typeof logDir === 'string' ? resolve(file.folderOf(['logDir']), logDir) : resolve(cwd, 'logs');
}

/** As with settings, a flag beats its env variable, and an empty variable is as good as none. */
function profileChoice(flags: SettingsRequest['flags'], env: ClusterContext['env']): ProfileChoice | undefined {
  const profile = flags['profile'];
  if (profile !== undefined) return { profile, where: 'flag --profile' };
  const variable = fromEnv(env, 'PROFILE');
  return variable && { profile: variable.value, where: `env ${variable.name}` };
}

async function defaultConfig(cwd: string): Promise<string> {
  const local = join(cwd, 'config', 'cluster.yaml');
  return access(local).then(
    () => local,
    () => OWN_CONFIG,
  );
}
