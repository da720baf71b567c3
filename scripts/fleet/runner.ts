// Keeps a fleet as its sets say: which clusters are due, one pass over each, and what became of it.

import { setMaxListeners } from 'node:events';
import { messageOf } from '../base/errors.ts';
import type { Clock, Random } from '../engine/clock.ts';
import type { ObjectRef } from '../kube/object.ts';
import { groupOf } from '../kube/resources.ts';
import type { DeletionPolicy } from './deletion/guards.ts';
import { nameKey, type Plan, Planner } from './desired/set-plan.ts';
import { type PassOptions, runPass } from './pass/pass.ts';
import { joined, normalised, type PassResult } from './pass/result.ts';
import { credentialsOf } from './pass/secret-values.ts';
import { probeAfterMs, retryAfterMs, verifyAfterMs } from './queue/backoff.ts';
import { Queue } from './queue/queue.ts';
import { setId } from './sets/types.ts';
import type { Fleet } from './sources/source.ts';
import { Clients } from './spoke/clients.ts';
import { Limiter } from './spoke/limiter.ts';
import { type Lanes, silentAfterMs, Spoke, type WireObserver } from './spoke/spoke.ts';
import { Typical } from './spoke/typical.ts';
import type { FleetCluster } from './targets/types.ts';

export type ClusterState = 'pending' | 'running' | 'synced' | 'held' | 'failed' | 'unreachable' | 'skipped';

/** What is known of a cluster. */
export interface ClusterRecord {
  cluster: FleetCluster;
  state: ClusterState;
  /** Of the last pass that ended. */
  result?: PassResult | undefined;
  /** Why it was skipped, or failed as a whole. */
  reason?: string | undefined;
  /** Failed passes in a row. */
  failures: number;
  /** ms of the clock: when the first of them ended; and whether the last one was for the cluster's connection or load. */
  failingSince?: number | undefined;
  unreachable?: boolean | undefined;
  passes: number;
  /** ms of the clock: when a pass last found or made everything as wanted. */
  verifiedAt?: number | undefined;
  /** ms of the clock: when it became due. */
  dueSince: number;
}

export interface RunnerOptions {
  clock: Clock;
  random: Random;
  /** Clusters that are worked on at a time; slow and unknown ones do not count. */
  workers: number;
  /** Requests under way to one cluster at most. */
  perCluster: number;
  /** ms between two looks at a cluster that is as wanted. */
  intervalMs: number;
  /** Passes over a cluster that fails before it is given up; for a run that ends. */
  attempts: number;
  requestMs: number;
  passMs: number;
  dryRun: boolean;
  /** Whether changes of a dry run name their fields. */
  fields?: boolean | undefined;
  strict: boolean;
  policy: DeletionPolicy;
  observer?: (WireObserver & Pick<PassOptions, 'applied'>) | undefined;
  /** Called when a cluster's state changes; after a pass with its result. */
  onChange?: ((record: ClusterRecord) => void) | undefined;
  /** ms that a write which begins now may be under way; 0 while another process may own the clusters. */
  mayWriteMs?: (() => number) | undefined;
  /** Called with the result of each pass, before the cluster is done: the place to write it down. */
  onPass?: ((record: ClusterRecord) => Promise<void>) | undefined;
  /** Ids of the sets that a cluster was given before, where that is written down. */
  appliedSets?: ((cluster: FleetCluster) => Promise<ReadonlySet<string>>) | undefined;
  /** Why a plan must not be carried out now although it is the newest one here; it is looked at again soon. */
  stale?: ((cluster: FleetCluster, plan: Plan) => Promise<string | undefined>) | undefined;
}

interface Held {
  key: string;
  spoke: Spoke;
  release: () => void;
}

/** Clusters that are waited for, beside the workers: they cost a connection each, and no work. */
const WAITING = 512;

export class Runner {
  readonly records = new Map<string, ClusterRecord>();
  readonly #queue: Queue;
  readonly #planner = new Planner();
  readonly #clients = new Clients();
  readonly #spokes = new Map<string, Held>();
  readonly #lanes: Lanes;
  /** When work on each began, in ms of the clock, and what ends it early. */
  readonly #running = new Map<string, { since: number; stop: AbortController }>();
  /** The address of each cluster, once it was needed. */
  #servers: { fleet: Fleet; byId: Promise<Map<string, string>> } | undefined;
  #fleet: Fleet;
  #keep = false;

  constructor(
    fleet: Fleet,
    readonly options: RunnerOptions,
  ) {
    this.#fleet = fleet;
    this.#queue = new Queue(options.clock);
    const most = options.workers * 4;
    this.#lanes = {
      fast: new Limiter({ start: Math.min(32, most), min: 4, max: most }),
      slow: new Limiter({ start: most, min: 4, max: most }),
      first: new Limiter({ start: WAITING, min: WAITING, max: WAITING }),
      typical: new Typical(),
    };
    this.update(fleet);
  }

  /** How many clusters are due, and how many requests may be under way: for metrics. */
  get load(): { depth: number; running: number; inFlight: number; limit: number } {
    const { fast, slow, first } = this.#lanes;
    return {
      depth: this.#queue.depth,
      running: this.#queue.running,
      inFlight: fast.active + slow.active + first.active,
      limit: fast.limit,
    };
  }

  /** Takes another state of sets and clusters; every cluster for which something may differ becomes due. */
  update(fleet: Fleet, affected?: (cluster: FleetCluster) => boolean): void {
    this.#fleet = fleet;
    const present = new Set(fleet.clusters.map(({ id }) => id));
    for (const id of this.records.keys()) if (!present.has(id)) this.#forget(id);
    for (const cluster of fleet.clusters) {
      const record = this.records.get(cluster.id);
      if (record === undefined) {
        const dueSince = this.options.clock.now();
        this.records.set(cluster.id, { cluster, state: 'pending', failures: 0, passes: 0, dueSince });
        this.#queue.add(cluster.id);
        continue;
      }
      record.cluster = cluster;
      if (affected?.(cluster) !== false) this.now(cluster.id);
    }
  }

  /** Makes a cluster due at once, and forgets its failures. */
  now(id: string): void {
    const record = this.records.get(id);
    if (record === undefined) return;
    record.failures = 0;
    record.dueSince = this.options.clock.now();
    this.#queue.add(id);
  }

  /** A cluster that another process has found as wanted so many ms ago: it is due later. */
  verified(id: string, agoMs: number, dueMs: number): void {
    const record = this.records.get(id);
    if (record?.state !== 'pending') return;
    record.state = 'synced';
    record.verifiedAt = this.options.clock.now() - agoMs;
    this.#queue.postpone(id, dueMs);
  }

  /** Works until every cluster was passed over, failing ones as often as `attempts` says. */
  async once(signal: AbortSignal): Promise<void> {
    await this.#run(signal, () => this.#queue.size === 0);
  }

  /** Works until the signal is aborted. */
  async forever(signal: AbortSignal): Promise<void> {
    this.#keep = true;
    await this.#run(signal, () => false);
  }

  /** Looks at a cluster between passes, with what it is to hold. */
  async inspect<T>(id: string, work: (plan: Plan, spoke: Spoke) => Promise<T>): Promise<T | undefined> {
    const record = this.records.get(id);
    if (record === undefined) return undefined;
    const plan = await this.#planner.plan(this.#fleet, record.cluster);
    try {
      return await work(plan, await this.#spoke(record.cluster));
    } finally {
      if (!this.#keep) this.#drop(id);
    }
  }

  close(): void {
    for (const { release } of this.#spokes.values()) release();
    this.#spokes.clear();
    this.#clients.close();
  }

  #run(signal: AbortSignal, until: () => boolean): Promise<void> {
    // Each pass listens to it.
    setMaxListeners(0, signal);
    return this.#queue.run({
      signal,
      until,
      mayStart: () => this.#queue.running < WAITING && this.#busy() < this.options.workers,
      work: (id) => this.#work(id, signal),
    });
  }

  /** Clusters under way that answer quickly, or may yet: the others wait for something that is not this machine. */
  #busy(): number {
    const silentSince = this.options.clock.now() - silentAfterMs(this.#lanes);
    let busy = 0;
    for (const [id, { since }] of this.#running) {
      const spoke = this.#spokes.get(id)?.spoke;
      if (spoke?.latencyMs === undefined ? since > silentSince : !spoke.isSlow) busy += 1;
    }
    return busy;
  }

  async #work(id: string, signal: AbortSignal): Promise<number | undefined> {
    const record = this.records.get(id);
    if (record === undefined) return undefined;
    const { cluster } = record;
    if (cluster.skip !== undefined) {
      this.#settle(record, 'skipped', cluster.skip);
      return undefined;
    }
    this.#settle(record, 'running', undefined);
    const { clock } = this.options;
    const stop = new AbortController();
    this.#running.set(id, { since: clock.now(), stop });
    // Until then it counts as one of the workers' clusters, so that a fleet does not begin all at once.
    const cancel = clock.after(silentAfterMs(this.#lanes) + 1, () => this.#queue.nudge());
    const end = (): void => stop.abort(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    try {
      return await this.#pass(record, stop.signal);
    } catch (error) {
      // The cluster is gone from the fleet, or another process's: what is under way there must not go on here.
      if (stop.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      signal.removeEventListener('abort', end);
      cancel();
      this.#running.delete(id);
      record.passes += 1;
    }
  }

  async #pass(record: ClusterRecord, signal: AbortSignal): Promise<number | undefined> {
    const { cluster } = record;
    const fleet = this.#fleet;
    let plan: Plan;
    let spoke: Spoke;
    try {
      plan = await this.#planner.plan(fleet, cluster);
      const stale = await this.options.stale?.(cluster, plan);
      if (stale !== undefined) return this.#failed(record, 'failed', stale);
      spoke = await this.#spoke(cluster);
    } catch (error) {
      signal.throwIfAborted();
      return this.#failed(record, 'failed', normalised(messageOf(error)));
    }
    // Each request listens to it.
    setMaxListeners(0, signal);
    const result = await runPass(cluster.id, plan, spoke, this.#passOptions(fleet, cluster, signal));
    // A run that ends reports on all of it.
    record.result =
      this.#keep || this.options.dryRun || record.result === undefined ? result : joined(record.result, result);
    await this.options.onPass?.(record);
    // In a run that ends, what is remembered of a cluster is of no more use.
    if (!this.#keep && !result.unreachable) this.#drop(cluster.id);
    return this.#judge(record, result);
  }

  #passOptions(fleet: Fleet, cluster: FleetCluster, signal: AbortSignal): PassOptions {
    const { passMs, dryRun, fields, strict, policy, observer } = this.options;
    return {
      signal,
      timeoutMs: passMs,
      dryRun,
      fields,
      strict,
      policy,
      complete: fleet.complete,
      lost: fleet.lost,
      broken: fleet.broken,
      wantedElsewhere: () => this.#wantedElsewhere(cluster),
      knownSets: () => this.#knownSets(fleet, cluster),
      applied: observer?.applied,
    };
  }

  #judge(record: ClusterRecord, result: PassResult): number | undefined {
    if (result.unreachable) return this.#failed(record, 'unreachable', result.error);
    const bad = result.sets.find(({ ok }) => !ok);
    if (result.error !== undefined || bad !== undefined) {
      const hopeless = result.error === undefined && result.sets.every(({ ok, retry }) => ok || !retry);
      return this.#failed(record, 'failed', result.error ?? bad?.message, hopeless);
    }
    record.failures = 0;
    record.failingSince = undefined;
    record.verifiedAt = this.options.clock.now();
    this.#settle(record, result.held.length > 0 ? 'held' : 'synced', result.held[0]?.reason);
    return this.#keep ? verifyAfterMs(this.options.intervalMs, this.options.random) : undefined;
  }

  #failed(
    record: ClusterRecord,
    state: 'failed' | 'unreachable',
    reason: string | undefined,
    hopeless = false,
  ): number | undefined {
    record.failures += 1;
    record.failingSince ??= this.options.clock.now();
    record.unreachable = state === 'unreachable';
    this.#settle(record, state, reason);
    const { attempts, random, intervalMs } = this.options;
    if (!this.#keep && (hopeless || record.failures >= attempts)) {
      this.#drop(record.cluster.id);
      return undefined;
    }
    if (hopeless) return verifyAfterMs(intervalMs, random);
    return (state === 'unreachable' ? probeAfterMs : retryAfterMs)(record.failures, random);
  }

  #settle(record: ClusterRecord, state: ClusterState, reason: string | undefined): void {
    record.state = state;
    record.reason = reason;
    this.options.onChange?.(record);
  }

  /** The cluster's connection as it is now; a changed one starts without memory. */
  async #spoke(cluster: FleetCluster): Promise<Spoke> {
    const connection = await cluster.connection();
    const { key, client, release } = this.#clients.take(connection);
    const held = this.#spokes.get(cluster.id);
    if (held?.key === key) {
      release();
      return held.spoke;
    }
    held?.release();
    const { clock, random, perCluster, requestMs, observer, mayWriteMs } = this.options;
    const spoke = new Spoke(client, {
      clock,
      random,
      lanes: this.#lanes,
      maxInFlight: perCluster,
      requestMs,
      secrets: credentialsOf(connection),
      observer,
      mayWriteMs,
    });
    this.#spokes.set(cluster.id, { key, spoke, release });
    return spoke;
  }

  /**
   * Two names for one server are one cluster: what one of them wants, the other one does not delete. Asked only where something
   * is to be deleted, because it takes the addresses of the whole fleet.
   */
  async #wantedElsewhere(cluster: FleetCluster): Promise<(ref: ObjectRef) => boolean> {
    const fleet = this.#fleet;
    if (this.#servers?.fleet !== fleet) this.#servers = { fleet, byId: serversOf(fleet) };
    const byId = await this.#servers.byId;
    const server = byId.get(cluster.id);
    const plans = new Set<Plan>();
    for (const other of fleet.everyone ?? fleet.clusters) {
      if (other.id !== cluster.id && byId.get(other.id) === server) plans.add(await this.#planner.plan(fleet, other));
    }
    return ({ apiVersion, kind, namespace, name }) =>
      [...plans].some((plan) => plan.kinds.get(`${groupOf(apiVersion)}/${kind}`)?.byName.has(nameKey(namespace, name)));
  }

  /** Sets that are there, or are known to have been; undefined where nothing is written down. */
  async #knownSets({ sets, broken }: Fleet, cluster: FleetCluster): Promise<ReadonlySet<string> | undefined> {
    const applied = await this.options.appliedSets?.(cluster);
    return applied && new Set([...sets.map(setId), ...broken, ...applied]);
  }

  #drop(id: string): void {
    this.#spokes.get(id)?.release();
    this.#spokes.delete(id);
  }

  #forget(id: string): void {
    this.records.delete(id);
    this.#queue.remove(id);
    this.#running.get(id)?.stop.abort(new Error(`${id} is no longer a cluster of this fleet`));
    this.#drop(id);
  }
}

/** Clusters whose connection cannot be had have no address, and are the same as no other. */
async function serversOf(fleet: Fleet): Promise<Map<string, string>> {
  const byId = new Map<string, string>();
  for (const cluster of fleet.everyone ?? fleet.clusters) {
    const connection = await cluster.connection().catch(() => undefined);
    if (connection !== undefined) byId.set(cluster.id, connection.server);
  }
  return byId;
}
