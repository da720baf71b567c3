// Everything that can be known, and refused, before anything is made: settings, plan, manifests, secrets.

import { relative, resolve } from 'node:path';
import { isLocal } from '../docker/endpoint.ts';
import { machineOf } from '../docker/session.ts';
import { ConfigError, UsageError } from '../base/errors.ts';
import { CLUSTER_NAME_MAX, LABEL_RULE, isClusterName } from '../base/names.ts';
import { localMachine } from '../host/machine.ts';
import type { Manifest } from '../kube/manifests/manifest.ts';
import { loadManifests } from '../kube/manifests/manifests.ts';
import { type Plan, makePlan } from '../plan/plan.ts';
import type { Machine } from '../plan/sizing.ts';
import { type OwnStep, type OwnStepSources, loadOwnSteps, nameOwnSteps } from '../services/custom/files.ts';
import { type PreparedServices, prepareServices } from '../services/helm/releases/prepare-releases.ts';
import { type ResolvedSecrets, resolveSecrets } from '../services/secrets.ts';
import { type LoadedSettings, loadSettings } from '../settings/load.ts';
import type { LayeredSettings } from '../settings/layers.ts';
import { readNativeConfig } from '../settings/k3d/native.ts';
import { allOrProblems } from '../settings/problems.ts';
import type { Path } from '../settings/yaml.ts';
import type { ClusterContext } from '../context.ts';
import { chooseProvider } from './choose-provider.ts';
import { withPaths } from './k3d-paths.ts';
import { isOwnFolder, type SettingsRequest, readSettingsFiles } from './settings-files.ts';

export interface Prepared {
  loaded: LoadedSettings;
  /** Names of the settings files, the last one beats those before it. */
  files: readonly string[];
  /** What only `--verbose` shows, one sentence each. */
  details: readonly string[];
  machine: Machine;
  plan: Plan;
  secrets: ResolvedSecrets;
  clusterResources: readonly Manifest[];
  namespaceResources: readonly Manifest[];
  manifests: readonly Manifest[];
  services: PreparedServices;
  /** Nothing would answer webhooks of pods: they are left out of what is applied. */
  withoutWebhooks: boolean;
  /** Where no run follows, one a file that is only named. */
  ownSteps: readonly OwnStep[];
  /** Absolute. */
  logDir: string;
  /** The folder that the paths of a setting are relative to. */
  folderOf: (key: Path) => string;
}

export async function readSettings(
  request: SettingsRequest,
  { env, cwd }: Pick<ClusterContext, 'env' | 'cwd'>,
): Promise<LoadedSettings & { file: LayeredSettings }> {
  const file = await readSettingsFiles(request, { env, cwd });
  const loaded = await loadSettings({ file, env, flags: request.flags });
  const { logDir, kubeconfig } = loaded.settings;
  // Paths in a file are relative to it; those of env variables, of flags and of the defaults to the working directory.
  const isOfFile = (key: string): boolean => !/^(env|flag|default)/.test(loaded.sourceOf([key]));
  const settings = {
    ...loaded.settings,
    logDir: isOfFile('logDir') ? resolve(file.folderOf(['logDir']), logDir) : logDir,
    ...(kubeconfig !== undefined && isOfFile('kubeconfig')
      ? { kubeconfig: resolve(file.folderOf(['kubeconfig']), kubeconfig) }
      : {}),
  };
  return nameOfNative({ ...loaded, settings, file }, { env, cwd });
}

/**
 * A config of k3d's own format may name the cluster; a name that the settings give wins, as an argument of k3d would. A file
 * that cannot be read names none: the code that creates the cluster reports why, and other callers need no more than the name.
 * @throws ConfigError for a name that no cluster can have
 */
async function nameOfNative<T extends LoadedSettings & { file: LayeredSettings }>(
  read: T,
  { env, cwd }: Pick<ClusterContext, 'env' | 'cwd'>,
): Promise<T> {
  const { settings, sourceOf } = read;
  const { config } = withPaths(settings.k3d, folderIn(read, cwd));
  if (config === undefined || sourceOf(['name']) !== 'default' || !/^(k3d|auto)$/.test(settings.provider)) return read;
  const native = await readNativeConfig(config, env).catch(() => undefined);
  const name = native?.tree.metadata?.name;
  const where = native?.sourceOf(['metadata', 'name']);
  if (name === undefined || where === undefined) return read;
  if (!isClusterName(name)) {
    const rule = name.length > CLUSTER_NAME_MAX ? `must have at most ${CLUSTER_NAME_MAX} characters` : LABEL_RULE;
    throw new ConfigError([{ where, message: `metadata.name ${rule}, not "${name}"` }]);
  }
  const isName = (path: Path): boolean => path.length === 1 && path[0] === 'name';
  return {
    ...read,
    settings: { ...settings, name },
    sourceOf: (path: Path) => (isName(path) ? where : sourceOf(path)),
    writtenAs: (path: Path) => (isName(path) ? name : read.writtenAs(path)),
  };
}

/** Paths in a file are relative to it; those of env variables and flags to the working directory. */
function folderIn(
  { sourceOf, file }: Pick<LoadedSettings, 'sourceOf'> & { file: LayeredSettings },
  cwd: string,
): (key: Path) => string {
  return (key) => (/^(env|flag)/.test(sourceOf(key)) ? cwd : file.folderOf(key));
}

/** What is planned, and from what; without the files that a cluster is filled with. */
export interface PreparedPlan {
  loaded: LoadedSettings;
  file: LayeredSettings;
  machine: Machine;
  plan: Plan;
  /** The folder that the paths of a setting are relative to. */
  folderOf: (key: Path) => string;
}

/** @throws ConfigError with every problem of the settings. */
export async function preparePlan(request: SettingsRequest, wiring: ClusterContext): Promise<PreparedPlan> {
  const { file, ...loaded } = await readSettings(request, wiring);
  const { settings } = loaded;
  const chosen = await chooseProvider(settings, loaded.sourceOf, wiring.docker, wiring.tools);
  const confirmed = request.flags['yes-this-is'];
  if (confirmed !== undefined && chosen.name !== 'existing') {
    throw new UsageError(`--yes-this-is is for existing clusters; this one is made by ${chosen.name}`, {
      hint: 'Say `PROVIDER=existing CONTEXT=…` as well.',
    });
  }
  const source = loaded.sourceOf(['kubeconfig']);
  const provider = { ...chosen, confirmed, kubeconfigFrom: /^(env|flag) |^default$/.test(source) ? undefined : source };
  const engine = provider.name === 'k3d' ? await wiring.docker() : undefined;
  const machine = engine && 'info' in engine ? machineOf(engine.info) : localMachine();
  const folderOf = folderIn({ ...loaded, file }, wiring.cwd);
  const onThisMachine = engine !== undefined && 'endpoint' in engine && isLocal(engine.endpoint);
  const k3d = withPaths(settings.k3d, folderOf, onThisMachine);
  const native =
    provider.name === 'k3d' && k3d.config !== undefined ? await readNativeConfig(k3d.config, wiring.env) : undefined;
  const plan = makePlan({ ...settings, k3d }, machine, provider, native);
  return { loaded, file, machine, plan, folderOf };
}

/**
 * @param run whether a run follows: only then are the user's own steps loaded, which runs their code.
 * @throws ConfigError with every problem of the settings; then with every problem of the files that they name.
 */
export async function prepare(
  request: SettingsRequest,
  wiring: ClusterContext,
  { run }: { run: boolean } = { run: true },
): Promise<Prepared> {
  const { file, loaded, machine, plan, folderOf } = await preparePlan(request, wiring);
  const { settings } = loaded;
  const at = (key: Path, paths: readonly string[]): string[] =>
    // Addresses and `-` are no paths; the reader says what to do instead.
    paths.map((p) => (/^(https?:|-$)/.test(p) ? p : relative(wiring.cwd, resolve(folderOf(key), p)) || '.'));
  const { steps } = settings;
  const own: OwnStepSources = {
    given:
      steps === undefined
        ? undefined
        : { folder: resolve(folderOf(['steps']), steps), where: loaded.sourceOf(['steps']) },
    settingsFolder: file.folderOf(['steps']),
    cwd: wiring.cwd,
  };
  const withoutWebhooks = plan.cluster.provider === 'embedded' && !settings.embedded.webhooks;
  const [secrets, clusterResources, namespaceResources, manifests, services, ownSteps] = await allOrProblems([
    resolveSecrets(plan.secrets, {
      env: wiring.env,
      folder: file.folderOf(['secrets']),
      where: (path) => file.locate(path).where,
    }),
    loadManifests(at(['resources', 'cluster'], plan.resources.cluster), wiring.cwd),
    loadManifests(at(['resources', 'eachNamespace'], plan.resources.eachNamespace), wiring.cwd),
    loadManifests(at(['manifests'], plan.manifests), wiring.cwd),
    prepareServices(settings, {
      env: wiring.env,
      folder: file.folderOf(['services']),
      cwd: wiring.cwd,
      locate: (path) => file.locate(path),
      reposGiven: loaded.sourceOf(['helm', 'repos']) !== 'default',
      kubernetes: plan.cluster.kubernetes,
      withoutWebhooks,
      exec: wiring.exec,
      tools: wiring.tools,
    }),
    run ? loadOwnSteps(own) : nameOwnSteps(own),
  ]);
  return {
    loaded,
    files: file.files,
    machine,
    plan,
    secrets: isOwnFolder(file.folderOf(['secrets'])) ? { ...secrets, notes: [] } : secrets,
    details: isOwnFolder(file.folderOf(['secrets'])) ? secrets.notes : [],
    clusterResources,
    namespaceResources,
    manifests,
    services,
    withoutWebhooks,
    ownSteps,
    logDir: resolve(wiring.cwd, settings.logDir),
    folderOf,
  };
}
