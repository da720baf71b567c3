// Server-side apply of a set of objects: in parallel, each after what it needs, with every failure reported.

import { ConfigError, ExitCode, HoistError, type Problem } from '../../base/errors.ts';
import { baselineOf, madeAt, noteNamespace } from './baseline.ts';
import type { KubeClient } from '../client/client.ts';
import type { ConflictPolicy, OwnedField } from './conflicts.ts';
import { discoveryOf } from '../discovery.ts';
import { definitionVerdict, waitEstablished, type Definition } from './established.ts';
import { explain, type Explanation } from './explain.ts';
import { type Manifest, titleOf } from '../manifests/manifest.ts';
import { orderOf, type Needs } from './order.ts';
import { type Baseline, type Outcome, outcomeOf } from './outcome.ts';
import { basePath, collectionPath, groupOf, type Resource } from '../resources.ts';
import { runTasks } from './schedule.ts';
import { send } from './send.ts';

export interface ApplyOptions {
  /** Owner of the applied fields; defaults to `hoist`. */
  fieldManager?: string;
  /** What becomes of fields that others have changed; defaults to `decide`. */
  onConflict?: ConflictPolicy;
  /** For objects that name none but live in one; defaults to `default`. */
  namespace?: string;
  /** Requests under way at once; defaults to 32. */
  concurrency?: number;
  /** ms that definitions may take until they are served, and default service accounts until they exist; defaults to 30,000. */
  patienceMs?: number;
  signal?: AbortSignal | undefined;
  /** Called for each object that was applied, as it comes. */
  onResult?: (result: ApplyResult) => void;
}

export interface ApplyResult {
  manifest: Manifest;
  outcome: Outcome;
  /** Fields that others had changed: set back, and left to them. */
  taken: readonly OwnedField[];
  left: readonly OwnedField[];
}

export interface ApplyFailure extends Explanation {
  manifest: Manifest;
  /** Undefined where it was not tried, because something that it needs had failed. */
  cause?: unknown;
}

/** Some objects could not be applied; lists all of them. The others were applied. */
export class ApplyError extends HoistError {
  override readonly name = 'ApplyError';
  override readonly exitCode = ExitCode.services;

  constructor(
    readonly failures: readonly ApplyFailure[],
    total: number,
  ) {
    const lines = failures.map(({ manifest, message, hint }) => {
      const line = `  ${manifest.where}: ${titleOf(manifest)}: ${message}`;
      return hint === undefined ? line : `${line}\n    ${hint}`;
    });
    super(`${failures.length} of ${total} objects could not be applied:\n${lines.join('\n')}`);
  }
}

/**
 * Applies all objects and resolves with what became of each, in the order given.
 * @throws ConfigError where a kind is unknown, before anything is applied; ApplyError; the signal's reason
 */
export async function apply(
  client: KubeClient,
  manifests: readonly Manifest[],
  options: ApplyOptions = {},
): Promise<ApplyResult[]> {
  const resources = await resolveAll(client, manifests, options.signal);
  const placed = manifests.map((manifest, at) => inNamespace(manifest, resources[at], options.namespace ?? 'default'));
  const pass = new Pass(client, placed, resources, options);
  await runTasks({
    order: pass.order,
    concurrency: options.concurrency ?? 32,
    run: (at) => pass.run(at),
    skip: (at, because) => pass.skip(at, because),
    signal: options.signal,
  });
  if (pass.failures.size > 0) throw new ApplyError(inOrder(pass.failures), manifests.length);
  return pass.results;
}

class Pass {
  readonly order: readonly Needs[];
  readonly results: ApplyResult[] = [];
  /** By the place of the object in the set. */
  readonly failures = new Map<number, ApplyFailure>();
  readonly #needed: ReadonlySet<number>;
  readonly #baselines = new Map<string, Promise<Baseline>>();

  constructor(
    readonly client: KubeClient,
    readonly manifests: readonly Manifest[],
    readonly resources: readonly Resource[],
    readonly options: ApplyOptions,
  ) {
    this.order = orderOf(manifests);
    this.#needed = new Set(this.order.flatMap(({ needs }) => needs));
  }

  async run(at: number): Promise<{ wait: Promise<void> } | undefined> {
    const manifest = this.manifests[at];
    const resource = this.resources[at];
    if (manifest === undefined || resource === undefined) return undefined;
    const { fieldManager = 'hoist', onConflict = 'decide', patienceMs = 30_000, signal } = this.options;
    try {
      const baseline = this.#youngest(manifest, resource) ?? (await this.#baseline(resource));
      const justDefined = this.order[at]?.needs.some((need) => this.#isDefinition(need)) === true;
      const answer = await send(this.client, manifest, resource, {
        fieldManager,
        onConflict,
        signal,
        patienceMs,
        justDefined,
        whole: this.#isDefinition(at),
      });
      const { taken, left } = answer;
      const result = { manifest, outcome: outcomeOf(answer, fieldManager, baseline), taken, left };
      if (result.outcome === 'created' && isNamespace(manifest)) noteNamespace(this.client, answer.object);
      this.results[at] = result;
      this.options.onResult?.(result);
      if (!this.#needed.has(at) || !this.#isDefinition(at)) return undefined;
      if (definitionVerdict(answer.object) === undefined) return undefined;
      return { wait: this.#established(at, manifest, patienceMs) };
    } catch (error) {
      this.#fail(at, manifest, error);
      throw error;
    }
  }

  skip(at: number, because: number): void {
    const [manifest, missing] = [this.manifests[at], this.manifests[because]];
    if (manifest === undefined || missing === undefined) return;
    this.failures.set(at, { manifest, message: `not tried, because it needs ${titleOf(missing)} (${missing.where})` });
  }

  async #established(at: number, manifest: Manifest, timeoutMs: number): Promise<void> {
    try {
      await waitEstablished(this.client, manifest.object.metadata.name, { timeoutMs, signal: this.options.signal });
    } catch (error) {
      this.#fail(at, manifest, error);
      throw error;
    }
  }

  #fail(at: number, manifest: Manifest, error: unknown): void {
    this.failures.set(at, { manifest, cause: error, ...explain(manifest, error) });
  }

  #isDefinition(at: number): boolean {
    const object = this.manifests[at]?.object;
    return object?.kind === 'CustomResourceDefinition';
  }

  /** Of an object in a namespace that is younger than this run. */
  #youngest({ object: { metadata } }: Manifest, resource: Resource): Baseline {
    const { namespace, name } = metadata;
    if (namespace === undefined || !resource.namespaced) return undefined;
    return madeAt(this.client, namespace, `${collectionPath(resource, namespace)}/${name}`);
  }

  #baseline(resource: Resource): Promise<Baseline> {
    const path = collectionPath(resource);
    let baseline = this.#baselines.get(path);
    if (baseline === undefined) {
      baseline = baselineOf(this.client, path, this.options.signal);
      this.#baselines.set(path, baseline);
    }
    return baseline;
  }
}

function isNamespace({ object }: Manifest): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Namespace';
}

function inOrder(failures: ReadonlyMap<number, ApplyFailure>): ApplyFailure[] {
  return [...failures].sort(([a], [b]) => a - b).map(([, failure]) => failure);
}

/** The resource of each object; definitions in the set itself need no question to the server. */
async function resolveAll(
  client: KubeClient,
  manifests: readonly Manifest[],
  signal: AbortSignal | undefined,
): Promise<Resource[]> {
  const defined = new Map(manifests.flatMap(({ object }) => definedBy(object)));
  const discovery = discoveryOf(client);
  const found = await Promise.all(
    manifests.map(async ({ object: { apiVersion, kind } }) => {
      const known = defined.get(`${groupOf(apiVersion)} ${kind}`);
      return known === undefined ? discovery.find(apiVersion, kind, signal) : { ...known, base: basePath(apiVersion) };
    }),
  );
  const problems: Problem[] = [];
  const served = new Map(manifests.flatMap(({ object }) => versionsOf(object)));
  manifests.forEach(({ object: { apiVersion, kind }, where }, at) => {
    const versions = served.get(`${groupOf(apiVersion)} ${kind}`);
    const version = apiVersion.split('/').at(-1) ?? '';
    if (versions !== undefined && versions.length > 0 && !versions.includes(version)) {
      const message = `its definition in the same set serves ${versions.join(', ')}, not ${version}`;
      problems.push({ where, message: `${kind}: ${message}` });
      return;
    }
    if (found[at] !== undefined) return;
    const near = discovery.suggest(apiVersion, kind);
    const asked = near === undefined ? '' : `; did you mean "${near}"?`;
    problems.push({ where, message: `the server has no kind "${apiVersion} ${kind}"${asked}` });
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return found.filter((resource) => resource !== undefined);
}

/** The versions that a definition serves, by group and kind. */
function versionsOf(object: Manifest['object']): [string, string[]][] {
  if (object.kind !== 'CustomResourceDefinition') return [];
  const { group = '', names = {}, versions = [] } = (object as unknown as Definition).spec ?? {};
  const served = versions.flatMap(({ name, served: isServed }) =>
    isServed === true && name !== undefined ? [name] : [],
  );
  return [[`${group} ${names.kind ?? ''}`, served]];
}

function definedBy(object: Manifest['object']): [string, Resource][] {
  if (object.kind !== 'CustomResourceDefinition') return [];
  const { group = '', scope, names = {} } = (object as unknown as Definition).spec ?? {};
  return [
    [`${group} ${names.kind ?? ''}`, { base: '', plural: names.plural ?? '', namespaced: scope === 'Namespaced' }],
  ];
}

function inNamespace(manifest: Manifest, resource: Resource | undefined, namespace: string): Manifest {
  const { object } = manifest;
  // A null, as templates like to leave behind, is no name either.
  if (resource?.namespaced !== true || (object.metadata.namespace ?? '') !== '') return manifest;
  return { ...manifest, object: { ...object, metadata: { ...object.metadata, namespace } } };
}
