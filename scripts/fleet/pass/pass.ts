// One pass over one cluster: look, apply what differs set by set, delete what no set holds any more.

import { ExitCode, HoistError, messageOf } from '../../base/errors.ts';
import { withDeadline } from '../../kube/client/deadline.ts';
import { KubeApiError } from '../../kube/client/errors.ts';
import type { ObjectRef } from '../../kube/object.ts';
import type { Resource } from '../../kube/resources.ts';
import { deleteListed } from '../deletion/delete.ts';
import { type DeletionPolicy, judge, type Orphan, ownersOf } from '../deletion/guards.ts';
import type { Item } from '../desired/item.ts';
import type { Plan } from '../desired/set-plan.ts';
import type { Rendered, RenderedPatch } from '../desired/render.ts';
import { HASH } from '../desired/names.ts';
import { type FieldChange, fieldChanges } from '../difference/fields.ts';
import { decide } from '../ladder/decide.ts';
import { type Listed, versionNumber } from '../ladder/listed.ts';
import { type KindRef, writeInventory } from '../spoke/inventory.ts';
import { isClusterFault, type Spoke } from '../spoke/spoke.ts';
import { applyItem, type ApplyOutcome } from './apply-item.ts';
import { applyPatch } from './apply-patch.ts';
import { untilEstablished } from './established.ts';
import { type Change, type Held, normalised, type PassResult, type SetResult } from './result.ts';
import { redactorFor, secretValuesOf } from './secret-values.ts';
import { keyOf, listedKey, survey, type Survey, type SurveyedKind } from './survey.ts';

export interface PassOptions {
  signal: AbortSignal;
  /** ms for the whole pass. */
  timeoutMs: number;
  dryRun: boolean;
  /** Whether changes of a dry run are to name their fields. */
  fields?: boolean | undefined;
  strict: boolean;
  policy: DeletionPolicy;
  /** Whether the sets and clusters were read whole. */
  complete: boolean;
  /** Why the fleet's state is doubted. */
  lost: string | undefined;
  /** Ids of sets that exist and cannot be used: what they own is left alone. */
  broken: ReadonlySet<string>;
  /** Says whether another cluster of the fleet that is the same server wants an object. */
  wantedElsewhere: () => Promise<(ref: ObjectRef) => boolean>;
  /** Ids of all sets that are, or were, the source's; undefined where that is not known. */
  knownSets: () => Promise<ReadonlySet<string> | undefined>;
  /** Sees each object that is applied, for metrics. */
  applied?: ((type: string, ok: boolean, ms: number) => void) | undefined;
}

/** The pass took longer than it may. */
class PassTimeout extends HoistError {
  override readonly exitCode = ExitCode.timeout;
}

/** What comes before everything else of all sets: other objects live in them, or are of their kinds. */
const FIRST: ReadonlySet<string> = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']);

/** ms that a cluster waits for another one, which is not slow, to show how a body's fields are owned. */
const TAUGHT_MS = 3_000;

const CRD = 'apiextensions.k8s.io/CustomResourceDefinition';

const ACTIONS = { created: 'create', changed: 'update', recreated: 'recreate' } as const;

/** Never rejects but for the signal: what goes wrong is in the result. */
export async function runPass(cluster: string, plan: Plan, spoke: Spoke, options: PassOptions): Promise<PassResult> {
  const { clock } = spoke.options;
  const started = clock.now();
  const before = spoke.requests;
  const pass = new Pass(plan, spoke, options);
  let error: unknown;
  try {
    const late = (): Error => new PassTimeout(`the pass was given up after ${options.timeoutMs} ms`);
    await withDeadline(options.signal, options.timeoutMs, late, (signal) => pass.run(signal));
  } catch (caught) {
    if (options.signal.aborted) throw options.signal.reason;
    error = caught;
  }
  return {
    cluster,
    ...pass.outcome(error === undefined ? undefined : pass.said(messageOf(error))),
    requests: spoke.requests - before,
    ms: clock.now() - started,
    unreachable: error !== undefined && (isClusterFault(error) || error instanceof PassTimeout),
  };
}

class Pass {
  readonly #changes: Change[] = [];
  readonly #held: Held[] = [];
  readonly #sets: SetResult[] = [];
  readonly #applied = new Map<number, Promise<void>>();
  /** What a dry run would change, by item. */
  readonly #fields = new Map<Item, readonly FieldChange[]>();
  #survey: Survey | undefined;
  /** Ends when this pass has waited long enough for others. */
  #enough: Promise<void> | undefined;
  readonly #ended = new AbortController();
  #unchanged = 0;
  #confirmed = 0;
  /** What made the cluster as a whole fail: nothing more is tried. */
  #fault: Error | undefined;
  /** What no message may hold; gathered where there is something to say. */
  #secrets: readonly string[] | undefined;

  constructor(
    readonly plan: Plan,
    readonly spoke: Spoke,
    readonly options: PassOptions,
  ) {}

  /** As it may be shown. */
  said(message: string): string {
    this.#secrets ??= [...secretValuesOf(this.plan.items), ...this.spoke.options.secrets];
    return normalised(message, redactorFor(message, this.#secrets));
  }

  outcome(error: string | undefined): Omit<PassResult, 'cluster' | 'requests' | 'ms' | 'unreachable'> {
    return {
      sets: this.#sets,
      wanted: this.plan.items.length,
      unchanged: this.#unchanged,
      confirmed: this.#confirmed,
      changes: this.#changes,
      held: this.#held,
      error,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#run(signal);
    } finally {
      this.#ended.abort(new Error('the pass has ended'));
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const seen = await survey(this.plan, this.spoke, signal);
    this.#survey = seen;
    await this.#record(seen, signal);
    const first = this.plan.items.flatMap((item, index) => (FIRST.has(item.groupKind) ? [index] : []));
    await Promise.allSettled(first.map((index) => this.#item(index, signal)));
    await Promise.all(this.plan.sets.map((set, at) => this.#set(set, this.plan.order[at] ?? [], signal)));
    if (this.#fault !== undefined) throw this.#fault;
    await this.#delete(seen, signal);
  }

  /** Kinds are written down before the first object of them is: whatever happens after that, they are looked at. */
  async #record({ recorded }: Survey, signal: AbortSignal): Promise<void> {
    const known = new Set(recorded.map(keyOf));
    const missing: KindRef[] = [...this.plan.kinds.values()].filter((kind) => !known.has(keyOf(kind)));
    if (missing.length === 0 || this.options.dryRun) return;
    const all = [...recorded, ...missing].map(({ apiVersion, kind }) => ({ apiVersion, kind }));
    await writeInventory(this.spoke, all, signal);
  }

  async #set(rendered: Rendered, order: readonly number[], signal: AbortSignal): Promise<void> {
    const { clock } = this.spoke.options;
    const started = clock.now();
    const { id, set } = rendered;
    const warnings: string[] = [];
    let message = rendered.problem;
    let retry = false;
    try {
      if (message === undefined) {
        for (const index of order) await this.#item(index, signal, warnings);
        message = rendered.mappingProblem;
        if (message === undefined) for (const patch of rendered.patches) await this.#patch(id, patch, signal);
      }
    } catch (error) {
      if (this.#fault !== undefined) return;
      message = messageOf(error);
      retry = true;
    }
    this.#sets.push({
      id,
      kind: set.kind,
      namespace: set.namespace,
      name: set.name,
      generation: set.generation,
      created: set.created,
      ok: message === undefined,
      message: message === undefined ? undefined : this.said(message),
      toDelete: set.mode === 'Sync' ? refsOf(rendered) : [],
      warnings: warnings.map((warning) => this.said(warning)),
      retry: retry || rendered.mappingProblem !== undefined,
      ms: clock.now() - started,
    });
  }

  /** Each object once, whichever sets hold it; its failure is the failure of each of them. */
  #item(index: number, signal: AbortSignal, warnings: string[] = []): Promise<void> {
    let applied = this.#applied.get(index);
    if (applied === undefined) {
      applied = this.#settle(index, signal, warnings);
      this.#applied.set(index, applied);
    }
    return applied;
  }

  async #settle(index: number, signal: AbortSignal, warnings: string[]): Promise<void> {
    const item = this.plan.items[index];
    if (item === undefined) return;
    if (this.#fault !== undefined) throw this.#fault;
    const kind = this.#survey?.kinds.get(item.groupKind);
    const listed = kind?.resource && kind.listed.get(listedKey(item, kind.resource));
    const variant = this.spoke.variants.get(item) ?? item;
    await this.#taught(variant, listed, signal);
    const decision = decide(variant, listed, this.spoke.seen.get(variant));
    if (decision === 'same-version' || decision === 'same-fields' || decision === 'exists') {
      this.#unchanged += 1;
      if (listed !== undefined) this.spoke.seen.set(variant, versionNumber(listed.metadata));
      return;
    }
    if (variant.behavior === 'CreateOnly' && Number.isNaN(this.spoke.seen.get(variant))) {
      this.#unchanged += 1;
      return;
    }
    const { clock } = this.spoke.options;
    const started = clock.now();
    try {
      if (decision === 'terminating') throw new HoistError('it is being deleted; it is applied again when it is gone');
      const applying = this.#apply(item, listed, decision === 'take-over', { kind, signal, warnings });
      if (variant.known.size === 0 && !this.spoke.isSlow) variant.learning ??= applying.catch(() => undefined);
      const outcome = await applying;
      this.options.applied?.(metricOf(item), true, clock.now() - started);
      this.#count(item, index, outcome);
    } catch (error) {
      this.options.applied?.(metricOf(item), false, clock.now() - started);
      throw this.#failure(error, item);
    }
  }

  /**
   * A fleet that is looked at for the first time since the start would apply every object once for each cluster that is worked on;
   * one that most likely has it already waits for the first of them, but not for long: that one may be slow.
   */
  async #taught(item: Item, listed: Listed | undefined, signal: AbortSignal): Promise<void> {
    if (item.learning === undefined || item.known.size > 0) return;
    if (listed?.metadata.annotations?.[HASH] !== item.hash) return;
    const { clock } = this.spoke.options;
    this.#enough ??= clock.sleep(TAUGHT_MS, AbortSignal.any([this.#ended.signal, signal])).catch(() => undefined);
    await Promise.race([item.learning, this.#enough]);
  }

  async #apply(
    item: Item,
    listed: Listed | undefined,
    takeOver: boolean,
    { kind, signal, warnings }: { kind: SurveyedKind | undefined; signal: AbortSignal; warnings: string[] },
  ): Promise<ApplyOutcome> {
    // What is to come before it does not exist in a dry run.
    if (this.options.dryRun && this.#isToCome(item)) {
      if (this.options.fields) this.#fields.set(item, fieldChanges(undefined, JSON.parse(item.body)));
      return 'created';
    }
    const resource = await this.#resource(item, kind, signal);
    const outcome = await applyItem(item, listed, takeOver, {
      spoke: this.spoke,
      resource,
      signal,
      dryRun: this.options.dryRun,
      strict: this.options.strict,
      ...(this.options.fields ? { differs: (fields) => this.#fields.set(item, fields) } : {}),
      warn: (message) => warnings.push(message),
    });
    if (item.groupKind === CRD && outcome !== 'unchanged' && !this.options.dryRun) {
      await untilEstablished(this.spoke, item.name, signal);
    }
    return outcome;
  }

  async #resource(
    { apiVersion, kind }: KindRef,
    known: SurveyedKind | undefined,
    signal: AbortSignal,
  ): Promise<Resource> {
    const resource = known?.resource ?? (await this.spoke.find(apiVersion, kind, signal));
    if (resource === undefined) throw new HoistError(`the cluster has no kind ${kind} in ${apiVersion}`);
    return resource;
  }

  /** Whether its namespace or definition is only now to be created. */
  #isToCome(item: Item): boolean {
    return this.#changes.some(
      ({ action, ref }) =>
        action === 'create' &&
        ((ref.kind === 'Namespace' && ref.name === item.namespace) ||
          (ref.kind === 'CustomResourceDefinition' && ref.name.endsWith(`.${item.groupKind.split('/')[0] ?? ''}`))),
    );
  }

  #count(item: Item, index: number, outcome: ApplyOutcome): void {
    if (outcome === 'unchanged') this.#confirmed += 1;
    else {
      const sets = this.plan.holders[index] ?? [];
      const fields = this.#fields.get(item);
      this.#changes.push({ action: ACTIONS[outcome], ref: refOf(item), sets, fields });
    }
  }

  async #patch(id: string, patch: RenderedPatch, signal: AbortSignal): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      const resource = await this.#resource(patch, undefined, signal);
      const { dryRun, fields: wanted } = this.options;
      let fields: readonly FieldChange[] | undefined;
      const differs = wanted ? (found: readonly FieldChange[]): void => void (fields = found) : undefined;
      const changed = await applyPatch(patch, resource, this.spoke, { signal, dryRun, differs });
      if (changed) this.#changes.push({ action: 'patch', ref: refOf(patch), sets: [id], fields });
    } catch (error) {
      throw this.#failure(error, patch);
    }
  }

  /** Says of which object it is; a fault of the whole cluster ends the pass. */
  #failure(error: unknown, of: ObjectRef): Error {
    if (isClusterFault(error) || !(error instanceof HoistError)) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#fault ??= fault;
      return fault;
    }
    const name = of.namespace === undefined ? of.name : `${of.namespace}/${of.name}`;
    const text = error instanceof KubeApiError ? error.message.replace(/^[A-Z]+ \/\S*: /, '') : error.message;
    return new HoistError(`${of.kind} ${name}: ${text}`, { cause: error });
  }

  async #delete({ kinds, owned }: Survey, signal: AbortSignal): Promise<void> {
    const orphans: (Orphan & { resource: Resource })[] = [];
    for (const [key, { apiVersion, kind, resource, listed, error }] of kinds) {
      if (resource === undefined || error !== undefined) continue;
      const wanted = new Set<string>();
      for (const index of this.plan.kinds.get(key)?.byName.values() ?? []) {
        const item = this.plan.items[index];
        if (item !== undefined) wanted.add(listedKey(item, resource));
      }
      for (const [name, one] of listed) {
        if (wanted.has(name) || ownersOf(one).length === 0 || one.metadata.deletionTimestamp !== undefined) continue;
        const { namespace, name: own } = one.metadata;
        orphans.push({ ref: { apiVersion, kind, namespace, name: own }, listed: one, resource });
      }
    }
    if (orphans.length === 0) return;
    const { complete, lost, policy, broken } = this.options;
    const unknown = new Set([...this.plan.unknown, ...broken]);
    const [wantedElsewhere, known] = [await this.options.wantedElsewhere(), await this.options.knownSets()];
    const verdict = judge(orphans, policy, { complete, lost, unknown, known, owned, wantedElsewhere });
    this.#held.push(...verdict.held);
    const remove = new Set(verdict.remove.map(({ listed }) => listed));
    await Promise.all(
      orphans.filter(({ listed }) => remove.has(listed)).map((orphan) => this.#deleteOne(orphan, signal)),
    );
    if (this.#fault !== undefined) throw this.#fault;
  }

  async #deleteOne({ ref, listed, resource }: Orphan & { resource: Resource }, signal: AbortSignal): Promise<void> {
    try {
      const reason = await deleteListed(this.spoke, resource, listed, { signal, dryRun: this.options.dryRun });
      if (reason !== undefined) this.#held.push({ ref, reason, sets: ownersOf(listed) });
      else this.#changes.push({ action: 'delete', ref, sets: ownersOf(listed) });
    } catch (error) {
      const failure = this.#failure(error, ref);
      this.#held.push({ ref, reason: this.said(messageOf(failure)), sets: ownersOf(listed) });
    }
  }
}

/** The same list for all clusters: a result is kept for each of them. */
const refs = new WeakMap<Rendered, ObjectRef[]>();

function refsOf(rendered: Rendered): readonly ObjectRef[] {
  let known = refs.get(rendered);
  if (known === undefined) {
    known = rendered.items.map(refOf);
    refs.set(rendered, known);
  }
  return known;
}

/** The same one for all clusters: each keeps what it has changed. */
const named = new WeakMap<ObjectRef, ObjectRef>();

function refOf(of: ObjectRef): ObjectRef {
  let ref = named.get(of);
  if (ref === undefined) {
    const { apiVersion, kind, namespace, name } = of;
    ref = { apiVersion, kind, namespace, name };
    named.set(of, ref);
  }
  return ref;
}

/** The `type` label of hive's metrics. */
function metricOf({ behavior }: Item): string {
  return behavior === 'Apply' ? 'apply' : behavior === 'CreateOnly' ? 'createOnly' : 'createOrUpdate';
}
