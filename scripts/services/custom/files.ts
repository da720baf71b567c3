// Finds and loads the steps of the user: files `*.ts` and `*.mts` of one folder.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { didYouMean } from '../../base/suggest.ts';
import { ConfigError, type Problem, messageOf } from '../../base/errors.ts';
import { parseDuration } from '../../settings/units.ts';
import type { CustomStep } from './contract.ts';

/** ms until a file must be loaded: what takes long belongs into `run`. */
const LOAD_MS = 10_000;
/** Of a step that names none. */
const TIMEOUT_MS = 600_000;

/** A step of the user, checked. */
export interface OwnStep extends Pick<CustomStep, 'run'> {
  /** `steps/FILE` for a file's default export, `steps/FILE/NAME` for another one. */
  name: string;
  /** As the step gives it. */
  needs: readonly string[] | undefined;
  timeoutMs: number;
  optional: boolean;
  /** Of the file's text. */
  digest: string;
  path: string;
  /** What messages call the file. */
  shown: string;
}

export interface OwnStepSources {
  /** The folder of the settings, absolute, and where it is given; undefined where it is not. */
  given: { folder: string; where: string } | undefined;
  /** Where the settings file is. */
  settingsFolder: string;
  /** What messages show paths relative to. */
  cwd: string;
}

/** A file that holds steps; what they are is known when it is loaded. */
interface StepFile {
  folder: string;
  file: string;
  /** What messages call it. */
  shown: string;
}

/** The name of a file's default step, and the beginning of the names of its others. */
const stepNameOf = (file: string): string => `steps/${file.replace(/\.m?ts$/, '')}`;

/**
 * Loads the steps of the folder that is given; else of `steps/` beside the settings or beside their folder `config/`,
 * where there is one.
 * @throws ConfigError with every file that cannot be loaded and everything that is wrong with its steps.
 */
export async function loadOwnSteps(sources: OwnStepSources): Promise<OwnStep[]> {
  return loadFiles(await findStepFiles(sources));
}

/**
 * A step for each file that `loadOwnSteps` would load, without running any code of it: by the file's name alone, needing
 * what a step needs that says nothing. Made to be shown, not to be run.
 * @throws ConfigError where there is no folder of the given name.
 */
export async function nameOwnSteps(sources: OwnStepSources): Promise<OwnStep[]> {
  return (await findStepFiles(sources)).map(({ folder, file, shown }) => ({
    name: stepNameOf(file),
    ...{ needs: undefined, timeoutMs: TIMEOUT_MS, optional: false, digest: '' },
    ...{ path: join(folder, file), shown },
    run: () => Promise.reject(new Error(`${shown} was named, not loaded`)),
  }));
}

async function findStepFiles({ given, settingsFolder, cwd }: OwnStepSources): Promise<StepFile[]> {
  const named = (folder: string, files: readonly string[]): StepFile[] =>
    files.map((file) => ({ folder, file, shown: join(relative(cwd, folder) || '.', file) }));
  if (given) {
    const files = await stepFiles(given.folder);
    if (files) return named(given.folder, files);
    const message = `there is no folder "${relative(cwd, given.folder) || '.'}"`;
    throw new ConfigError([{ where: given.where, message }]);
  }
  const beside = basename(settingsFolder) === 'config' ? [settingsFolder, dirname(settingsFolder)] : [settingsFolder];
  for (const folder of beside.map((one) => join(one, 'steps'))) {
    const files = await stepFiles(folder);
    if (files) return named(folder, files);
  }
  return [];
}

/** Names of the files that hold steps; undefined where there is no such folder. */
async function stepFiles(folder: string): Promise<string[] | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  return entries
    ?.filter((entry) => !entry.isDirectory() && /^[^.].*(?<!\.d|\.test|\.spec)\.m?ts$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Without tsx's cache: it stands in the temporary folder under a name that any user can take first and fill with code. */
async function registerTypeScript(): Promise<void> {
  const before = process.env['TSX_DISABLE_CACHE'];
  process.env['TSX_DISABLE_CACHE'] = '1';
  try {
    // Without it, files of a package that is not of modules could not be loaded.
    (await import('tsx/cjs/api')).register();
    // The bundle runs without the loader that the sources run with.
    if (!import.meta.filename.endsWith('.ts')) (await import('tsx/esm/api')).register({ tsconfig: false });
  } finally {
    if (before === undefined) delete process.env['TSX_DISABLE_CACHE'];
    else process.env['TSX_DISABLE_CACHE'] = before;
  }
}

async function loadFiles(files: readonly StepFile[]): Promise<OwnStep[]> {
  if (files.length > 0) await registerTypeScript();
  const problems: Problem[] = [];
  const lists = await Promise.all(
    files.map(async ({ folder, file, shown: where }) => {
      const path = join(folder, file);
      try {
        const [exports, text] = await Promise.all([load(path), readFile(path)]);
        const digest = createHash('sha256').update(text).digest('hex');
        const found = stepsOf(exports, stepNameOf(file));
        if (found.length > 0) return found.flatMap((one) => check(one, { path, shown: where, digest }, problems));
        problems.push({ where, message: 'exports no step, like `export default { async run({ $ }) { … } }`' });
      } catch (error) {
        problems.push({ where, message: `cannot be loaded: ${messageOf(error)}` });
      }
      return [];
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return lists.flat();
}

async function load(path: string): Promise<Record<string, unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`it takes longer than ${LOAD_MS / 1000} s; what takes long belongs into \`run\``);
    timer = setTimeout(() => reject(error), LOAD_MS);
  });
  try {
    const loaded = await Promise.race([import(pathToFileURL(path).href) as Promise<Record<string, unknown>>, late]);
    // A file of a package that is not of modules comes as a CommonJS module, whose exports stand one level deeper.
    const inner = loaded['default'];
    const wrapped = typeof inner === 'object' && inner !== null && '__esModule' in inner;
    return wrapped ? inner : loaded;
  } finally {
    clearTimeout(timer);
  }
}

interface Found {
  name: string;
  step: Readonly<Record<string, unknown>>;
}

/** The exports that are steps; a default export may be the function alone. */
function stepsOf(exports: Record<string, unknown>, base: string): Found[] {
  return Object.entries(exports).flatMap(([key, value]) => {
    const name = key === 'default' ? base : `${base}/${key}`;
    if (key === 'default' && typeof value === 'function') return [{ name, step: { run: value } }];
    // `module.exports` is what newer versions of Node add to a CommonJS module.
    const isStep = isObject(value) && (key === 'default' || 'run' in value) && key !== 'module.exports';
    return isStep ? [{ name, step: value }] : [];
  });
}

const KEYS = ['needs', 'timeout', 'optional', 'run'];

/** The step in a list of its own; an empty one where it is wrong, which goes to the problems. */
function check(
  { name, step }: Found,
  file: Pick<OwnStep, 'path' | 'shown' | 'digest'>,
  problems: Problem[],
): OwnStep[] {
  const { needs, timeout, optional = false, run } = step;
  const timeoutMs = typeof timeout === 'string' ? parseDuration(timeout) : timeout === undefined ? TIMEOUT_MS : 0;
  const isList = Array.isArray(needs) && needs.every((need) => typeof need === 'string');
  const found: string[] = [
    ...(needs === undefined || isList ? [] : ['"needs" must be a list of step names']),
    ...(timeoutMs === undefined || timeoutMs === 0 ? ['"timeout" must be a duration like "90s" or "5m"'] : []),
    ...(typeof optional === 'boolean' ? [] : ['"optional" must be true or false']),
    ...(typeof run === 'function' ? [] : ['"run" must be a function']),
    ...Object.keys(step).flatMap((key) => (KEYS.includes(key) ? [] : [unknownKey(key)])),
  ];
  problems.push(...found.map((message) => ({ where: file.shown, message: `step "${name}": ${message}` })));
  if (found.length > 0) return [];
  const checked = { needs: needs as string[] | undefined, timeoutMs: timeoutMs ?? 0, optional: optional === true };
  return [{ name, ...checked, ...file, run: (context) => (run as CustomStep['run']).call(step, context) }];
}

function unknownKey(key: string): string {
  return `unknown key "${key}"${didYouMean(key, KEYS)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
