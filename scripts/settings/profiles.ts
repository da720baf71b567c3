// Finds and reads the files that settings are made of: the settings file, a profile, and all that these extend.

import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../base/suggest.ts';
import { ConfigError } from '../base/errors.ts';
import { type Layer, type LayeredSettings, combineLayers } from './layers.ts';
import { allOrProblems } from './problems.ts';
import { type SettingsFile, readSettingsFile } from './yaml.ts';

/** Which profile was asked for, and where: `flag --profile` or `env PROFILE`. */
export interface ProfileChoice {
  /** A name, or a path relative to the working directory. */
  profile: string;
  where: string;
}

/** Who asks for a profile. */
interface Asked {
  where: string;
  excerpt?: string;
  /** What a path is relative to. */
  folder: string;
  /** The file that extends it. */
  by?: string;
}

/** hoist's own profiles. */
const OWN_PROFILES = fileURLToPath(new URL('../../config/profiles', import.meta.url));

/**
 * Reads a settings file with all that it extends, and over it the profile with all that that one extends.
 * @param path of the settings file, absolute.
 * @throws ConfigError with every file that cannot be read or found, and where files extend each other in a cycle.
 */
export async function readLayeredSettings(
  path: string,
  choice: ProfileChoice | undefined,
  cwd: string,
): Promise<LayeredSettings> {
  const reader = new Reader([...new Set([join(dirname(path), 'profiles'), OWN_PROFILES])], cwd);
  const overlay = async ({ profile, where }: ProfileChoice): Promise<Layer[]> =>
    reader.read(await reader.find(profile, { where, folder: cwd }), []);
  const stacks = [reader.read(path, []), ...(choice ? [overlay(choice)] : [])];
  return combineLayers((await allOrProblems(stacks)).flat(), dirname(path));
}

class Reader {
  constructor(
    /** Where profiles are looked for by name. */
    private readonly folders: readonly string[],
    private readonly cwd: string,
  ) {}

  /** The file and all that it extends, weakest first. */
  async read(path: string, chain: readonly Layer[]): Promise<Layer[]> {
    const file = await readSettingsFile(path, this.shown(path));
    refuseOthers(file);
    const layer = { file, folder: dirname(path), real: await realpath(path) };
    const at = chain.findIndex((other) => other.real === layer.real);
    const last = chain.at(-1);
    if (at >= 0 && last) {
      const cycle = [...chain.slice(at), layer].map((one) => one.file.name).join(' → ');
      throw new ConfigError([
        { ...last.file.locate(['extends']), message: `settings files extend each other in a cycle: ${cycle}` },
      ]);
    }
    const bases = await allOrProblems(
      extendsOf(file).map(async ({ base, where, excerpt }) =>
        this.read(await this.find(base, { where, excerpt, folder: layer.folder, by: layer.real }), [...chain, layer]),
      ),
    );
    return [...bases.flat(), layer];
  }

  /** The path of a profile that is given by name or path. */
  async find(profile: string, asked: Asked): Promise<string> {
    const isPath = /[/\\]|\.ya?ml$/i.test(profile);
    const candidates = isPath
      ? [resolve(asked.folder, profile)]
      : this.folders.flatMap((folder) => [join(folder, `${profile}.yaml`), join(folder, `${profile}.yml`)]);
    const reals = await Promise.all(candidates.map((path) => realpath(path).catch(() => undefined)));
    const there = candidates.flatMap((path, i) => (reals[i] === undefined ? [] : [{ path, real: reals[i] }]));
    // A file that extends its own name builds upon the next one of that name.
    const found = there.find(({ real }) => real !== asked.by) ?? there[0];
    if (found) return found.path;
    const message = isPath ? `there is no file "${profile}"` : await this.unknown(profile);
    throw new ConfigError([{ where: asked.where, excerpt: asked.excerpt, message }]);
  }

  private async unknown(profile: string): Promise<string> {
    const lists = await Promise.all(this.folders.map((folder) => readdir(folder).catch(() => [])));
    const names = [
      ...new Set(
        lists
          .flat()
          .filter((name) => /\.ya?ml$/.test(name))
          .map((name) => basename(name, extname(name))),
      ),
    ].sort();
    return `there is no profile "${profile}"${didYouMean(profile, names)} (there are: ${names.join(', ')}; or give the path of a file)`;
  }

  private shown(path: string): string {
    const short = relative(this.cwd, path);
    return short.startsWith('..') ? path : short;
  }
}

/** @throws ConfigError for a file that is a config of k3d or a manifest: each of its keys would be an unknown setting. */
function refuseOthers(file: SettingsFile): void {
  const { apiVersion, kind } = file.tree;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return;
  const isK3d = apiVersion.startsWith('k3d.io/');
  const what = isK3d
    ? "a config of k3d's own format, not a settings file; name it in the setting k3d.config (--k3d-config FILE)"
    : `a manifest (${kind}), not a settings file; name it in the setting manifests (--manifests FILE)`;
  throw new ConfigError([{ ...file.locate(['apiVersion'], 'key'), message: `is ${what}` }]);
}

/** What a file extends, weakest first. @throws ConfigError where that is neither a name nor a list of names. */
function extendsOf(file: SettingsFile): { base: string; where: string; excerpt: string }[] {
  const value = file.tree['extends'];
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((base, i) => {
    const location = file.locate(Array.isArray(value) ? ['extends', i] : ['extends']);
    if (typeof base === 'string' && base !== '') return { base, ...location };
    const message = 'extends must be the name or path of a profile, or a list of them';
    throw new ConfigError([{ ...location, message }]);
  });
}
