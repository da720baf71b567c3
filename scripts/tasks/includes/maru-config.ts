// The tokens of maru's own configuration: MARU_AUTH, else `options.auth` of the file `maru-config.*`.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { ConfigError, isErrno, messageOf } from '../../base/errors.ts';

export interface MaruConfig {
  /** Token by host. */
  tokens: ReadonlyMap<string, string>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws ConfigError for a file or a MARU_AUTH that cannot be read */
export async function readMaruConfig(env: Env, cwd: string): Promise<MaruConfig> {
  const options = await fileOptions(env, cwd);
  return { tokens: tokensOf(env['MARU_AUTH'], options['auth']) };
}

async function fileOptions(env: Env, cwd: string): Promise<Record<string, unknown>> {
  const folders = [cwd, join(env['HOME'] ?? homedir(), '.maru')];
  const extensions = ['yaml', 'yml', 'json'];
  const own = env['MARU_CONFIG'];
  const paths =
    own !== undefined && own !== ''
      ? [resolve(cwd, own)]
      : folders.flatMap((folder) => extensions.map((extension) => join(folder, `maru-config.${extension}`)));
  for (const path of paths) {
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT') && own === undefined) continue;
      throw new ConfigError([{ where: path, message: `cannot be read: ${messageOf(error)}` }]);
    }
    return optionsIn(content, path);
  }
  return {};
}

async function optionsIn(content: string, path: string): Promise<Record<string, unknown>> {
  if (!['.yaml', '.yml', '.json'].includes(extname(path))) {
    throw new ConfigError([{ where: path, message: 'must be YAML or JSON' }]);
  }
  const { parse } = await import('yaml');
  let parsed: unknown;
  try {
    parsed = parse(content);
  } catch {
    // Without the parser's own words: they may quote a token.
    throw new ConfigError([{ where: path, message: 'is no valid YAML' }]);
  }
  const options = typeof parsed === 'object' && parsed !== null && 'options' in parsed ? parsed.options : {};
  return typeof options === 'object' && options !== null ? { ...options } : {};
}

function tokensOf(variable: string | undefined, configured: unknown): Map<string, string> {
  let given: unknown = configured;
  if (variable !== undefined && variable !== '') {
    try {
      given = JSON.parse(variable);
    } catch {
      throw new ConfigError([{ where: 'MARU_AUTH', message: 'must be JSON like {"HOST": "TOKEN"}' }]);
    }
  }
  const entries = typeof given === 'object' && given !== null ? Object.entries(given as Record<string, unknown>) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
