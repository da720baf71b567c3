// Everything that can be known, and refused, before anything is made: settings, plan, manifests, secrets.

import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, HoistError, type Problem } from '../errors.ts';
import { localMachine } from '../host/machine.ts';
import type { Manifest } from '../kube/manifest.ts';
import { loadManifests } from '../kube/manifests.ts';
import { type Plan, makePlan } from '../plan/plan.ts';
import type { Machine } from '../plan/sizing.ts';
import { type ResolvedSecrets, resolveSecrets } from '../services/secrets.ts';
import { type LoadedSettings, loadSettings } from '../settings/load.ts';
import { type SettingsFile, readSettingsFile } from '../settings/yaml.ts';
import type { Wiring } from '../wiring.ts';
import { chooseProvider } from './choose-provider.ts';

/** What the command line says of the settings. */
export interface SettingsRequest {
  /** `--config`; else config/cluster.yaml of the working directory, else hoist's own. */
  config?: string | undefined;
  /** Values of setting flags, by flag name. */
  flags: Readonly<Record<string, string | undefined>>;
}

export interface Prepared {
  loaded: LoadedSettings;
  /** As the user would name it; undefined without one. */
  configFile: string | undefined;
  machine: Machine;
  plan: Plan;
  secrets: ResolvedSecrets;
  clusterResources: readonly Manifest[];
  namespaceResources: readonly Manifest[];
  manifests: readonly Manifest[];
  /** Absolute. */
  logDir: string;
}

const OWN_CONFIG = fileURLToPath(new URL('../../config/cluster.yaml', import.meta.url));

export async function readSettings(
  request: SettingsRequest,
  { env, cwd }: Pick<Wiring, 'env' | 'cwd'>,
): Promise<LoadedSettings & { file: SettingsFile; folder: string }> {
  const path = request.config === undefined ? await defaultConfig(cwd) : resolve(cwd, request.config);
  const shown = relative(cwd, path);
  const file = await readSettingsFile(path, shown.startsWith('..') ? path : shown);
  const loaded = await loadSettings({ file, env, flags: request.flags });
  return { ...loaded, file, folder: dirname(path) };
}

async function defaultConfig(cwd: string): Promise<string> {
  const local = join(cwd, 'config', 'cluster.yaml');
  return access(local).then(
    () => local,
    () => OWN_CONFIG,
  );
}

/** @throws ConfigError with every problem of the settings; then with every problem of the files that they name. */
export async function prepare(request: SettingsRequest, wiring: Wiring): Promise<Prepared> {
  const { file, folder, ...loaded } = await readSettings(request, wiring);
  const { settings } = loaded;
  const machine = localMachine();
  const plan = makePlan(settings, machine, chooseProvider(settings, loaded.sourceOf));
  const at = (paths: readonly string[]): string[] => paths.map((p) => relative(wiring.cwd, resolve(folder, p)));
  // Paths in the file are relative to it; those of env variables and flags to the working directory.
  const manifestPaths = /^(env|flag)/.test(loaded.sourceOf(['manifests'])) ? plan.manifests : at(plan.manifests);
  const [secrets, clusterResources, namespaceResources, manifests] = await allOrProblems([
    resolveSecrets(plan.secrets, { env: wiring.env, folder, where: (path) => file.locate(path).where }),
    loadManifests(at(plan.resources.cluster)),
    loadManifests(at(plan.resources.eachNamespace)),
    loadManifests(manifestPaths),
  ]);
  return {
    loaded,
    configFile: file.name,
    machine,
    plan,
    secrets,
    clusterResources,
    namespaceResources,
    manifests,
    logDir: resolve(wiring.cwd, settings.logDir),
  };
}

/** Like Promise.all, but the problems of all that failed are thrown together. */
async function allOrProblems<T extends readonly unknown[]>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled(promises);
  const problems: Problem[] = [];
  for (const result of settled) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof ConfigError)) throw result.reason as HoistError;
    problems.push(...result.reason.problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
