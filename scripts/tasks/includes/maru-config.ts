// maru's own configuration: MARU_… variables, then those of uds, then `options` of the file `maru-config.*`.

import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { readTextBoundedSync } from '../../host/files/bounded.ts';
import { ConfigError, type Problem, isErrno, reasonOf } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const;

type LogLevel = (typeof LOG_LEVELS)[number];

export interface MaruConfig {
  /** Token by host. */
  tokens: ReadonlyMap<string, string>;
  logLevel: LogLevel | undefined;
  noProgress: boolean;
  /** For UDS_ARCH; defaults to the machine's own. */
  architecture: string | undefined;
  /** What `./uds `, `./zarf `, `./kubectl ` and further names in commands become. */
  commands: Readonly<Record<string, string>>;
  /** Options that mean nothing. */
  warnings: readonly Problem[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** `no_log_file` and `tmp_dir` are known and have no effect: there is no log file, and TMPDIR is what counts. */
const OPTIONS = ['log_level', 'architecture', 'no_progress', 'no_log_file', 'tmp_dir', 'auth', 'commands'] as const;

type Option = (typeof OPTIONS)[number];

/** Without a word about them they are taken from the PATH. */
const COMMANDS: Readonly<Record<string, string>> = { zarf: 'zarf', uds: 'uds', kubectl: 'kubectl' };

/** @throws ConfigError for a file or a variable that cannot be read, with everything that is wrong in it */
export async function readMaruConfig(env: Env, cwd: string): Promise<MaruConfig> {
  const file = await fileOptions(env, cwd);
  const reading = new Reading(env, file);
  const level = reading.text('log_level')?.toLowerCase();
  const known = LOG_LEVELS.find((one) => one === level);
  if (level !== undefined && known === undefined) reading.wrong('log_level', `must be one of ${LOG_LEVELS.join(', ')}`);
  const config: MaruConfig = {
    tokens: new Map(Object.entries(reading.texts('auth', '{"HOST": "TOKEN"}'))),
    logLevel: known,
    noProgress: reading.flag('no_progress'),
    architecture: reading.text('architecture'),
    commands: { ...COMMANDS, ...reading.texts('commands', '{"zarf": "uds zarf"}') },
    warnings: Object.keys(file.options)
      .filter((key) => !(OPTIONS as readonly string[]).includes(key))
      .map((key) => ({ where: file.name, message: `unknown option "${key}"${didYouMean(key, OPTIONS)}` })),
  };
  for (const name of Object.keys(config.commands)) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) reading.wrong('commands', `has "${name}", which is no command's name`);
  }
  if (reading.problems.length > 0) throw new ConfigError(reading.problems);
  return config;
}

interface FileOptions {
  /** What messages call it. */
  name: string;
  options: Readonly<Record<string, unknown>>;
}

/** Options by name: the environment's first, then the file's. */
class Reading {
  readonly problems: Problem[] = [];

  constructor(
    readonly env: Env,
    readonly file: FileOptions,
  ) {}

  wrong(option: Option, message: string): void {
    const { name } = this.#variable(option) ?? {};
    this.problems.push({
      where: name ?? this.file.name,
      message: name === undefined ? `options.${option} ${message}` : message,
    });
  }

  text(option: Option): string | undefined {
    const value = this.#variable(option)?.value ?? this.file.options[option];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    this.wrong(option, 'must be a text');
    return undefined;
  }

  /** As Go reads booleans. */
  flag(option: Option): boolean {
    const value = this.#variable(option)?.value ?? this.file.options[option] ?? false;
    if (typeof value === 'boolean') return value;
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
    if (/^(1|t|true)$/i.test(text)) return true;
    if (!/^(0|f|false|)$/i.test(text)) this.wrong(option, 'must be true or false');
    return false;
  }

  /** A mapping of texts; without its content in a message: it may hold tokens. */
  texts(option: Option, example: string): Record<string, string> {
    const given = this.#variable(option);
    let value: unknown = this.file.options[option] ?? {};
    if (given !== undefined) {
      try {
        value = JSON.parse(given.value);
      } catch {
        this.wrong(option, `must be JSON like ${example}`);
        return {};
      }
    }
    const entries =
      typeof value === 'object' && value !== null ? Object.entries(value as Record<string, unknown>) : undefined;
    if (entries === undefined || Array.isArray(value) || entries.some(([, text]) => typeof text !== 'string')) {
      this.wrong(option, `must be a mapping of texts, like ${example}`);
      return {};
    }
    return Object.fromEntries(entries as [string, string][]);
  }

  #variable(option: Option): { name: string; value: string } | undefined {
    for (const prefix of ['MARU_', 'UDS_']) {
      const name = prefix + option.toUpperCase();
      const value = this.env[name];
      if (value !== undefined && value !== '') return { name, value };
    }
    return undefined;
  }
}

/** Of the working directory, else of `~/.maru`; MARU_CONFIG alone where that is set. */
async function fileOptions(env: Env, cwd: string): Promise<FileOptions> {
  const folders = [cwd, join(env['HOME'] ?? homedir(), '.maru')];
  const own = env['MARU_CONFIG'];
  const paths =
    own !== undefined && own !== ''
      ? [resolve(cwd, own)]
      : folders.flatMap((folder) =>
          ['json', 'toml', 'yaml', 'yml'].map((extension) => join(folder, `maru-config.${extension}`)),
        );
  for (const path of paths) {
    let content: string;
    try {
      content = readTextBoundedSync(path);
    } catch (error) {
      if (isErrno(error, 'ENOENT') && (own === undefined || own === '')) continue;
      throw new ConfigError([{ where: path, message: `cannot be read: ${reasonOf(error)}` }]);
    }
    return { name: path, options: await optionsIn(content, path) };
  }
  return { name: 'maru-config', options: {} };
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
  // Keys are the same in any case, as for maru.
  const entries =
    typeof options === 'object' && options !== null ? Object.entries(options as Record<string, unknown>) : [];
  return Object.fromEntries(entries.map(([key, value]) => [key.toLowerCase(), value]));
}
