// Keeps the fleet of a hub: its watches feed the runner, passes are written back, and what is due is spread over time.

import { messageOf } from '../base/errors.ts';
import type { KubeClient } from '../kube/client/client.ts';
import { listAll } from '../kube/list.ts';
import { keyOf, type KubeObject } from '../kube/object.ts';
import { Hub } from './hub/hub.ts';
import { mayPass, Patience, unreadable } from './hub/patience.ts';
import { paths } from './hub/paths.ts';
import { type Plan, setsOf } from './desired/set-plan.ts';
import { setId, type SyncSet } from './sets/types.ts';
import { type ClusterSyncStatus, readStatus, type SetStatus } from './status/cluster-sync.ts';
import { type ClusterRecord, Runner, type RunnerOptions } from './runner.ts';
import type { Fleet } from './sources/source.ts';
import { Members } from './shards/members.ts';
import { ownerOf } from './shards/rendezvous.ts';
import { StatusWriter, type Written } from './status/writer.ts';
import type { FleetCluster } from './targets/types.ts';

export interface ServiceOptions extends Omit<RunnerOptions, 'onPass'> {
  hub: KubeClient;
  now: () => Date;
  /** Number of this shard, for `controlledByReplica`. */
  replica?: number | undefined;
  /** Identity of this shard and where the Leases are; without it this process keeps the whole fleet. */
  shard?: { name: string; namespace: string } | undefined;
  onProblem: (message: string) => void;
  onWritten?: ((record: ClusterRecord, written: Written) => void) | undefined;
  /** How a run that ends goes over the fleet as it was first read; by itself all clusters have their turn at once. */
  goOver?: ((runner: Runner, fleet: Fleet, signal: AbortSignal) => Promise<void>) | undefined;
}

const EMPTY: Fleet = {
  sets: [],
  clusters: [],
  secret: () => Promise.resolve(undefined),
  broken: new Set(),
  complete: false,
};

/** Attempts to read a list when the process begins, and ms of the first pause between them, which doubles: about 1 s in all. */
const FIRST_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 50;

export class Service {
  readonly runner: Runner;
  readonly #hub: Hub;
  readonly #writer: StatusWriter;
  /** By the leases and statuses that are there at the start: when a cluster was last verified (ms since 1970), and with which sets. */
  #verified = new Map<string, { at: number; sets: ReadonlySet<string> }>();
  readonly #members: Members | undefined;
  /** Keys of the sets that clusters had at the start. */
  readonly #expected = {
    syncSets: new Set<string>(),
    selectorSyncSets: new Set<string>(),
    clusters: new Map<string, ReadonlySet<string>>(),
  };
  #ready = false;
  /** Whether what the hub says is doubted. */
  #lost = false;
  #first: ((fleet: Fleet) => void) | undefined;

  constructor(readonly options: ServiceOptions) {
    const { hub, clock, random, now, replica, shard, onProblem } = options;
    const members =
      shard === undefined
        ? undefined
        : new Members({ client: hub, clock, now, ...shard, onProblem, onChange: () => this.#hub.refresh() });
    this.#members = members;
    // What the hub has lost must be known to the next process too, until someone confirms that it is meant to be gone.
    const keeps = (): boolean => this.#lost && !options.policy.confirmed;
    this.#writer = new StatusWriter(hub, { now, replica, keeps });
    this.runner = new Runner(EMPTY, {
      ...options,
      mayWriteMs: members === undefined ? undefined : () => members.mayWriteMs(),
      onPass: (record) => this.#written(record),
      stale: (cluster, plan) => this.#stale(cluster, plan),
      appliedSets: async (cluster) => setIds(cluster, await this.#writer.given(cluster, new AbortController().signal)),
    });
    this.#hub = new Hub({
      client: hub,
      clock,
      random,
      mine: members === undefined ? undefined : (cluster) => ownerOf(cluster.uid, members.members) === shard?.name,
      onProblem: options.onProblem,
      expected: () => this.#expected,
      onChange: (fleet, touched) => {
        this.#change(fleet, touched);
      },
    });
  }

  /** Whether the hub was read whole, and is being followed. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Ids of sets that are applied nowhere because they do not say where. */
  get aimless(): readonly string[] {
    return this.#hub.aimless;
  }

  /** Works until the signal is aborted, whose reason it rejects with. */
  async forever(signal: AbortSignal): Promise<void> {
    await this.#with(signal, async (verified) => {
      await verified;
      await this.runner.forever(signal);
    });
  }

  /** One pass over all clusters that the hub has now. @throws HoistError where the hub cannot be read */
  async once(signal: AbortSignal): Promise<void> {
    this.#hub.givesUp = true;
    const read = new Promise<Fleet>((resolve) => (this.#first = resolve));
    await this.#with(signal, async (verified) => {
      await verified;
      const fleet = await read;
      const { goOver } = this.options;
      await (goOver === undefined ? this.runner.once(signal) : goOver(this.runner, fleet, signal));
    });
  }

  /** @param work is given what is rejected where the first look at the statuses fails */
  async #with(signal: AbortSignal, work: (verified: Promise<void>) => Promise<void>): Promise<void> {
    const following = new AbortController();
    const stop = (): void => {
      following.abort(signal.reason);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    // All lists at once: a hub that hangs is waited for once, not once for each of them.
    const verified = this.#readVerified(following.signal).catch((error: unknown) => {
      throw unreadable(error);
    });
    this.#hub.expects(verified);
    const hub = this.#hub.run(following.signal);
    const members = this.#members?.run(following.signal);
    try {
      await Promise.race([hub, work(verified), ...(members === undefined ? [] : [members])]);
    } finally {
      signal.removeEventListener('abort', stop);
      following.abort(new Error('done'));
      await Promise.allSettled([hub, members]);
      this.runner.close();
    }
  }

  /** What others, or this process before it was started again, have verified and when. */
  async #readVerified(signal: AbortSignal): Promise<void> {
    type Lease = KubeObject & { spec?: { renewTime?: string } };
    const [leases, syncs] = await Promise.all([
      this.#firstList<Lease>(paths.leases, signal),
      this.#firstList<KubeObject>(paths.clusterSyncs, signal),
    ]);
    const at = new Map(leases.map((lease) => [keyOf(lease), Date.parse(lease.spec?.renewTime ?? '')]));
    for (const sync of syncs) {
      const id = keyOf(sync);
      const status = readStatus(sync);
      const { syncSets = [], selectorSyncSets = [] } = status;
      for (const { name } of syncSets) this.#expected.syncSets.add(`${sync.metadata.namespace ?? ''}/${name}`);
      for (const { name } of selectorSyncSets) this.#expected.selectorSyncSets.add(name);
      this.#expected.clusters.set(id, setIds(sync.metadata, status));
      const time = at.get(id);
      // A run that ends looks at every cluster, whenever it was verified.
      if (time !== undefined && !this.#hub.givesUp) this.#verified.set(id, { at: time, sets: appliedSets(status) });
    }
  }

  /** @throws UnreadableHub */
  async #firstList<T>(path: string, signal: AbortSignal): Promise<T[]> {
    const { hub, clock, random } = this.options;
    const patience = new Patience(clock, FIRST_ATTEMPTS);
    for (;;) {
      try {
        return (await listAll<T>(hub, { path, signal })).items;
      } catch (error) {
        signal.throwIfAborted();
        const over = mayPass(error) ? patience.failed() : '';
        if (over !== undefined) throw unreadable(error, over === '' ? '' : ` (${over})`);
      }
      await clock.sleep(FIRST_PAUSE_MS * 2 ** patience.failures * (0.5 + random() / 2), signal);
    }
  }

  #change(fleet: Fleet, touched: (cluster: FleetCluster) => boolean): void {
    this.#lost = fleet.lost !== undefined;
    if (this.options.goOver !== undefined) {
      this.#ready = true;
      this.#first?.(fleet);
      return;
    }
    const before = new Set(this.runner.records.keys());
    this.runner.update(fleet, (cluster) => touched(cluster) && before.has(cluster.id));
    for (const id of before) if (!this.runner.records.has(id)) this.#writer.forget(id);
    // What was verified a moment ago need not be looked at again because this process has started.
    for (const cluster of fleet.clusters) if (!before.has(cluster.id)) this.#spread(fleet, cluster);
    this.#verified = new Map();
    this.#ready = true;
    this.#first?.(fleet);
  }

  #spread(fleet: Fleet, cluster: FleetCluster): void {
    const verified = this.#verified.get(cluster.id);
    if (verified === undefined) return;
    const wanted = setsOf(fleet, cluster).map((set) => `${set.kind}/${set.name} ${set.generation}`);
    const same = wanted.length === verified.sets.size && wanted.every((one) => verified.sets.has(one));
    const ago = this.options.now().getTime() - verified.at;
    const left = this.options.intervalMs - ago;
    if (same && left > 0) this.runner.verified(cluster.id, ago, left * (1 + 0.1 * this.options.random()));
  }

  /** Whether this process knows a set less well than the process that applied it last: its watch is behind. */
  async #stale(cluster: FleetCluster, plan: Plan): Promise<string | undefined> {
    // Looking makes the ClusterSync where there is none.
    if (this.options.dryRun) return undefined;
    if (this.#members?.mayWriteMs() === 0) return 'this shard does not hold its Lease';
    const signal = new AbortController().signal;
    const applied = await this.#writer.applied(cluster, signal);
    for (const { set } of plan.sets) {
      const before = applied.get(`${set.kind}/${set.name}`);
      if (before !== undefined && isOlder(set, before)) {
        return `generation ${before.observedGeneration} of ${set.kind} ${set.name} was applied, and is not seen yet`;
      }
    }
    return undefined;
  }

  async #written(record: ClusterRecord): Promise<void> {
    const { result, cluster } = record;
    if (result === undefined || this.options.dryRun) return;
    // Another shard's by now: what is known here of it may be older than what that one has written.
    if (this.#members?.mayWriteMs() === 0 || this.runner.records.get(cluster.id) !== record) return;
    const signal = new AbortController().signal;
    try {
      const written = await this.#writer.write(cluster, result, signal);
      if (result.error === undefined) await this.#writer.renew(cluster, signal);
      this.options.onWritten?.(record, written);
    } catch (error) {
      this.options.onProblem(`status of ${cluster.id}: ${messageOf(error)}`);
    }
  }
}

/** Whether an older state of the set is known here than was applied. A set that was made again counts from 1 again. */
function isOlder({ generation, created = '' }: SyncSet, applied: SetStatus): boolean {
  if (applied.observedGeneration <= generation) return false;
  return !(Date.parse(created) > Date.parse(applied.firstSuccessTime ?? applied.lastTransitionTime));
}

/** The ids of a cluster's sets. */
function setIds(
  { namespace }: { namespace?: string | undefined },
  { syncSets = [], selectorSyncSets = [] }: ClusterSyncStatus,
): Set<string> {
  return new Set([
    ...syncSets.map(({ name }) => setId({ kind: 'SyncSet', namespace, name })),
    ...selectorSyncSets.map(({ name }) => setId({ kind: 'SelectorSyncSet', name })),
  ]);
}

/** The sets that were applied well, each with its generation; one that failed makes the cluster due. */
function appliedSets({ syncSets = [], selectorSyncSets = [] }: ClusterSyncStatus): Set<string> {
  const entries = [
    ...syncSets.map((one) => ({ ...one, kind: 'SyncSet' })),
    ...selectorSyncSets.map((one) => ({ ...one, kind: 'SelectorSyncSet' })),
  ];
  return new Set(
    entries.map(({ kind, name, observedGeneration, result }) =>
      result === 'Success' ? `${kind}/${name} ${observedGeneration}` : `${kind}/${name} failed`,
    ),
  );
}
