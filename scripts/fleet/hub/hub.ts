// A hub as the source of a fleet: its sets and clusters, followed as they change.

import { messageOf } from '../../base/errors.ts';
import type { Clock, Random } from '../../engine/clock.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { KubeConnectionError } from '../../kube/client/errors.ts';
import { follow } from '../../kube/watch/follow.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isObjectName, type Json, parseSet } from '../sets/parse.ts';
import { setId, type SyncSet } from '../sets/types.ts';
import { NOW } from '../desired/names.ts';
import { applies } from '../desired/set-plan.ts';
import type { Fleet } from '../sources/source.ts';
import { readClusterDeployment } from '../targets/cluster-deployment.ts';
import { inlineConnection } from '../targets/inline-kubeconfig.ts';
import type { FleetCluster } from '../targets/types.ts';
import { paths } from './paths.ts';
import { Patience, unreadable } from './patience.ts';
import { LEAST_SETS, Losses } from './losses.ts';
import { HubSecrets } from './secrets.ts';

export interface HubOptions {
  client: KubeClient;
  clock: Clock;
  random: Random;
  /** Clusters that this process cares for; all of them by default. */
  mine?: ((cluster: FleetCluster) => boolean) | undefined;
  /** Called with each new state once all kinds were read; `touched` names the clusters it may matter to. */
  onChange: (fleet: Fleet, touched: (cluster: FleetCluster) => boolean) => void;
  onProblem: (message: string) => void;
  /**
   * What clusters were given before this process began: a hub that begins without it has lost it. Called when the first state
   * is handed on, for which `expects` waits.
   */
  expected?: (() => Expected) | undefined;
}

type SetKind = 'syncSets' | 'selectorSyncSets';
type Kind = 'clusterDeployments' | SetKind;

/** Keys of all sets, and the ids of each cluster's. */
export interface Expected extends Readonly<Record<SetKind, ReadonlySet<string>>> {
  clusters: ReadonlyMap<string, ReadonlySet<string>>;
}

const KINDS: readonly Kind[] = ['clusterDeployments', 'syncSets', 'selectorSyncSets'];

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  clusterDeployments: 'ClusterDeployment',
  syncSets: 'SyncSet',
  selectorSyncSets: 'SelectorSyncSet',
};

/** Where a set says for which clusters it is. */
const AIM = /^spec($|\.clusterDeployment)|^metadata\./;

/** Failed attempts to read a kind for the first time after which a run that ends gives up: about 15 s of pauses. */
const MOST_FAILURES = 8;

/** Most of the missing sets that a reason names. */
const NAMED = 3;

/** ms in which changes are gathered: a `kubectl apply -f folder` is many of them. */
const GATHER_MS = 50;

export class Hub {
  readonly secrets: HubSecrets;
  readonly #objects = new Map<Kind, Map<string, SyncSet | FleetCluster>>();
  /** Kinds whose list or watch fails now. */
  readonly #failing = new Set<Kind>();
  /** Keys of sets that were all gone at once in a list, and have not come back since. */
  readonly #lost = new Set<string>();
  /** Of a kind whose list was empty since the last state was handed on: the keys that it had before; `first` as expected. */
  readonly #emptied = new Map<SetKind, { keys: Set<string>; first: boolean }>();
  /** Made when the first state is handed on. */
  #losses: Losses | undefined;
  /** Whether a list was read since the last state was handed on. */
  #listed = false;
  /** The newest version that was seen of each kind, and whether a list was older than that. */
  readonly #versions = new Map<Kind, number>();
  #wentBack = false;
  /** By id; aimless ones do not say for which clusters they are. */
  readonly #broken = new Map<string, { problem: string; aimless: boolean }>();
  /** Sets that changed, as they were and as they are, since the last state was handed on. */
  #sets: SyncSet[] = [];
  #clusters = new Set<string>();
  #all = true;
  #gathering = false;
  /** Clusters of the state that was handed on last. */
  #handed: ReadonlySet<string> = new Set();
  /** Kinds that were not read again since this process was given other clusters. */
  readonly #unread = new Set<Kind>();
  #reread = new AbortController();
  /** Whether a hub that cannot be read at all is an error, for a run that ends; else it is tried again for ever. */
  givesUp = false;
  /** Whether what is expected is still being read: meanwhile no state is handed on. */
  #awaits = false;
  readonly #patience = new Map<Kind, Patience>();
  #giveUp: (error: unknown) => void = () => undefined;

  constructor(readonly options: HubOptions) {
    this.secrets = new HubSecrets(options.client, options.clock);
  }

  /** From now on no state is handed on before the promise is kept; where it fails, none at all is. */
  expects(read: Promise<unknown>): void {
    this.#awaits = true;
    const done = (): void => {
      this.#awaits = false;
      this.#changed();
    };
    // Who reads it hears of the failure.
    void read.then(done, () => undefined);
  }

  /** Ids of sets that cannot be used, and do not say for which clusters they are: no cluster's status names them. */
  get aimless(): string[] {
    return [...this.#broken].flatMap(([id, { aimless }]) => (aimless ? [id] : []));
  }

  /** Follows the hub until the signal is aborted, whose reason it rejects with. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      const reread = (this.#reread = new AbortController());
      const end = (): void => reread.abort(signal.reason);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      try {
        const given = new Promise<never>((_, reject) => (this.#giveUp = reject));
        await Promise.race([given, ...KINDS.map((kind) => this.#follow(kind, reread.signal))]);
      } catch (error) {
        if (signal.aborted || !reread.signal.aborted) throw error;
      } finally {
        signal.removeEventListener('abort', end);
        reread.abort(new Error('another one follows'));
      }
    }
  }

  #follow(kind: Kind, signal: AbortSignal): Promise<never> {
    const { client, clock, random } = this.options;
    this.#patience.set(kind, new Patience(clock, MOST_FAILURES));
    return follow<KubeObject>(
      client,
      { path: paths[kind], signal, clock, random },
      {
        replaced: (objects, version) => {
          if (!signal.aborted) this.#replace(kind, objects, version);
        },
        changed: (key, object) => {
          checkObject(kind, object);
          this.#seen(kind, object.metadata.resourceVersion);
          this.#put(kind, key, object);
        },
        deleted: (key, object) => {
          checkObject(kind, object);
          this.#remove(kind, key);
        },
        failed: (error) => {
          this.#failing.add(kind);
          this.#failed(kind, error);
          this.#changed();
        },
        recovered: () => {
          this.#failing.delete(kind);
          this.#changed();
        },
      },
    );
  }

  #failed(kind: Kind, error: unknown): void {
    const message = messageOf(error);
    const what = message.includes(paths[kind]) ? message : `${paths[kind]}: ${message}`;
    const patience = this.#patience.get(kind);
    if (!this.givesUp || this.#objects.has(kind) || patience === undefined) {
      this.options.onProblem(what);
      return;
    }
    const over = patience.failed();
    if (over === undefined) this.options.onProblem(`${what} (tried ${patience.failures} of ${patience.most} times)`);
    else this.#giveUp(unreadable(error, ` (${over})`));
  }

  /**
   * Other clusters are this process's from now on. Those that went are handed on at once as gone; those that came only when
   * everything was read again: a caller may have known more than a watch has shown here.
   */
  refresh(): void {
    for (const kind of KINDS) this.#unread.add(kind);
    this.#reread.abort(new Error('other clusters'));
    this.#changed();
  }

  #replace(kind: Kind, objects: ReadonlyMap<string, KubeObject>, version: string | undefined): void {
    for (const object of objects.values()) checkObject(kind, object);
    if (this.#seen(kind, version)) this.#wentBack = true;
    this.#listed = true;
    const before = this.#objects.get(kind);
    this.#failing.delete(kind);
    this.#unread.delete(kind);
    if (objects.size === 0 && kind !== 'clusterDeployments') {
      const emptied = this.#emptied.get(kind) ?? { keys: new Set(), first: before === undefined };
      for (const key of before?.keys() ?? []) emptied.keys.add(key);
      this.#emptied.set(kind, emptied);
    }
    const present = before ?? new Map<string, SyncSet | FleetCluster>();
    this.#objects.set(kind, present);
    for (const key of present.keys()) if (!objects.has(key)) this.#remove(kind, key);
    for (const [key, object] of objects) this.#put(kind, key, object);
    this.#changed();
  }

  /** Versions of one kind count up, and a list is never older than what was seen before. @returns whether this one is */
  #seen(kind: Kind, version: string | undefined): boolean {
    const now = Number(version ?? NaN);
    const before = this.#versions.get(kind) ?? 0;
    if (now > before) this.#versions.set(kind, now);
    return now < before;
  }

  /**
   * A hub that lost its data, or was restored from an empty backup, answers exactly like one whose sets were all removed. The only
   * set of its kind, beside others that are all there, was removed by somebody.
   */
  #loseEmptied(): void {
    const hasSets = KINDS.slice(1).some((kind) => (this.#objects.get(kind)?.size ?? 0) > 0);
    for (const [kind, { keys, first }] of this.#emptied) {
      for (const key of (first ? this.options.expected?.()[kind] : undefined) ?? []) keys.add(key);
      const gone = [...keys].filter((key) => this.#objects.get(kind)?.has(key) !== true);
      if (gone.length < LEAST_SETS && hasSets) continue;
      for (const key of gone) this.#lost.add(`${kind} ${key}`);
    }
    this.#emptied.clear();
  }

  #put(kind: Kind, key: string, object: KubeObject): void {
    const known = this.#objects.get(kind);
    if (known === undefined) return;
    const before = known.get(key);
    const now = kind === 'clusterDeployments' ? this.#cluster(object) : this.#set(kind, object);
    if (now === undefined) return;
    known.set(key, now);
    this.#lost.delete(`${kind} ${key}`);
    if (kind === 'clusterDeployments') {
      const differs =
        before === undefined || clusterFacts(before as FleetCluster) !== clusterFacts(now as FleetCluster);
      if (!differs) return;
      this.#clusters.add((now as FleetCluster).id);
    } else {
      const set = now as SyncSet;
      if (before !== undefined && setFacts(before as SyncSet) === setFacts(set)) return;
      this.#sets.push(set, ...(before === undefined ? [] : [before as SyncSet]));
    }
    this.#changed();
  }

  #remove(kind: Kind, key: string): void {
    const before = this.#objects.get(kind)?.get(key);
    this.#objects.get(kind)?.delete(key);
    if (before === undefined) return;
    if (kind !== 'clusterDeployments') {
      this.#broken.delete(setId(before as SyncSet));
      this.#sets.push(before as SyncSet);
    }
    this.#changed();
  }

  #cluster(object: KubeObject): FleetCluster | undefined {
    const { namespace = '', name } = object.metadata;
    const read = readClusterDeployment(object as unknown as Json, {
      where: `ClusterDeployment ${namespace}/${name}`,
      secret: (space, secret) => this.secrets.get(space, secret),
      connect: inlineConnection,
      fromHub: true,
    });
    return typeof read === 'string' ? undefined : read;
  }

  #set(kind: Kind, object: KubeObject): SyncSet {
    // Items of a list do not say what they are.
    const typed = {
      ...object,
      apiVersion: 'hive.openshift.io/v1',
      kind: KIND_NAMES[kind],
    } as unknown as Json;
    const { set, problems } = parseSet(typed, 'the hub');
    const id = setId(set);
    const errors = problems.filter(({ level }) => level === 'error');
    if (errors.length === 0) {
      this.#broken.delete(id);
      return set;
    }
    const problem = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
    if (this.#broken.get(id)?.problem !== problem) this.options.onProblem(`${id}: ${problem}`);
    const aimless = errors.some(({ path }) => AIM.test(path));
    this.#broken.set(id, { problem, aimless });
    return { ...set, problem, digest: `${set.digest} ${problem}` };
  }

  #changed(): void {
    if (this.#gathering || this.#awaits || KINDS.some((kind) => !this.#objects.has(kind))) return;
    this.#gathering = true;
    this.options.clock.after(GATHER_MS, () => {
      this.#gathering = false;
      this.#hand();
    });
  }

  #hand(): void {
    const sets = KINDS.slice(1).flatMap((kind) => [...(this.#objects.get(kind)?.values() ?? [])] as SyncSet[]);
    const clusters = [...(this.#objects.get('clusterDeployments')?.values() ?? [])] as FleetCluster[];
    const { mine = () => true } = this.options;
    const isHere = (one: FleetCluster): boolean => mine(one) && (this.#unread.size === 0 || this.#handed.has(one.id));
    const own = clusters.filter(isHere);
    this.#handed = new Set(own.map(({ id }) => id));
    const [changedSets, changedClusters, all] = [this.#sets, this.#clusters, this.#all];
    this.#sets = [];
    this.#clusters = new Set();
    this.#all = false;
    const fleet: Fleet = {
      // A set that cannot be used fails where it would be applied, and what it owns is left alone.
      sets: sets.filter((set) => this.#broken.get(setId(set))?.aimless !== true),
      clusters: own,
      everyone: clusters,
      secret: (namespace, name) => this.secrets.get(namespace, name),
      broken: new Set(this.#broken.keys()),
      complete: this.#failing.size === 0,
    };
    const touched = (cluster: FleetCluster): boolean =>
      all || changedClusters.has(cluster.id) || changedSets.some((set) => applies(set, cluster));
    this.options.onChange({ ...fleet, lost: this.#doubt(fleet, touched) }, touched);
  }

  #missing(): string {
    const kinds = new Set(Array.from(this.#lost, (one) => one.split(' ')[0]));
    const what = kinds.size > 1 ? 'sets' : kinds.has('syncSets') ? 'SyncSets' : 'SelectorSyncSets';
    const keys = Array.from(this.#lost, (one) => one.slice(one.indexOf(' ') + 1)).sort();
    const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : '';
    return `the hub has suddenly no ${what} any more (missing: ${keys.slice(0, NAMED).join(', ')}${more})`;
  }

  /** Why the state is doubted. */
  #doubt(fleet: Fleet, touched: (cluster: FleetCluster) => boolean): string | undefined {
    this.#losses ??= new Losses(this.options.expected?.().clusters ?? new Map());
    const taken = this.#losses.look(fleet, touched, this.#listed);
    this.#listed = false;
    this.#loseEmptied();
    if (this.#lost.size > 0) return this.#missing();
    if (this.#wentBack) return 'the hub answers with an older state than before';
    return taken > 0 ? 'the hub has suddenly taken most sets from their clusters' : undefined;
  }
}

/** @throws KubeConnectionError: what answers so is no API server, and nothing that it says is to be believed */
function checkObject(kind: Kind, { kind: said, metadata: { namespace, name } }: KubeObject): void {
  const wrong = (what: string): KubeConnectionError =>
    new KubeConnectionError(`${paths[kind]}: the answer has ${what}`, 'NOT_KUBERNETES');
  const names: unknown[] = namespace === undefined || namespace === '' ? [name] : [name, namespace];
  for (const one of names) {
    if (typeof one === 'string' && isObjectName(one)) continue;
    throw wrong(
      `${(JSON.stringify(one) as string | undefined)?.slice(0, 60) ?? 'nothing'}, which can be no name of an object`,
    );
  }
  // Items of a list need not say what they are.
  if (said === undefined || said === '' || said === KIND_NAMES[kind]) return;
  throw wrong(`an object of another kind, ${JSON.stringify(said).slice(0, 60)}`);
}

/** What a change of a ClusterDeployment must touch for its cluster to be due. */
function clusterFacts({ labels, skip, uid, annotations }: FleetCluster): string {
  return JSON.stringify([labels, skip, uid, annotations[NOW]]);
}

function setFacts({ digest, selector, clusters, generation }: SyncSet): string {
  return JSON.stringify([digest, selector, clusters, generation]);
}
