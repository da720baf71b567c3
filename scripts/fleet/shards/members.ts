// Which shards are alive, by Leases on the hub; and whether this one may still write.

import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { listAll } from '../../kube/list.ts';
import type { KubeObject } from '../../kube/object.ts';

/** ms after which a shard that has not renewed its Lease counts as gone. */
const DURATION_MS = 15_000;
const RENEW_MS = 5_000;

/** ms between two looks at the Leases: so much later than it could be known, a shard that is gone is seen to be. */
const LOOK_MS = 1_000;

/** ms for a request about Leases: a second attempt fits in before writing has to stop. */
const REQUEST_MS = 3_000;

/** ms without a renewal after which this shard begins no more writes: well before others take its clusters over. */
const WRITE_MS = 10_000;

/** ms without a renewal after which no write of this shard may be under way any more. */
const WRITTEN_MS = DURATION_MS - 1_000;

/** ms after which each other shard has either seen that this one is there, or has stopped writing. */
const JOIN_MS = WRITE_MS + LOOK_MS;

const LABEL = 'sync.hoist.dev/shard';

type Lease = KubeObject & { spec?: { holderIdentity?: string; renewTime?: string } };

export interface MembersOptions {
  client: KubeClient;
  clock: Clock;
  now: () => Date;
  namespace: string;
  /** Name of this shard: that of its pod. */
  name: string;
  onChange: (members: readonly string[]) => void;
  onProblem: (message: string) => void;
}

/** By the clock of the process and that of the wall, in ms. */
interface Moment {
  clock: number;
  wall: number;
}

const NEVER: Moment = { clock: -Infinity, wall: -Infinity };

export class Members {
  /** When each Lease was last seen to change, by our own clock: clocks of machines differ. */
  readonly #seen = new Map<string, { renewTime: string; at: number }>();
  #members: readonly string[] = [];
  #renewed: Moment = NEVER;
  #looked: Moment = NEVER;
  /** ms of the clock: before that, others may still write to what is ours by now. */
  #from = Infinity;

  constructor(readonly options: MembersOptions) {}

  get members(): readonly string[] {
    return this.#members;
  }

  /** ms that a write which begins now may be under way; 0 where none may begin. */
  mayWriteMs(): number {
    const age = this.#age();
    return age < WRITE_MS && this.options.clock.now() >= this.#from ? WRITTEN_MS - age : 0;
  }

  /** Renews and looks until the signal is aborted; the Lease is then given up, so that others need not wait for it. */
  async run(signal: AbortSignal): Promise<never> {
    const { clock, onProblem, client } = this.options;
    try {
      // What is wrong from the start, as a namespace that does not exist, is not waited out.
      await this.#renew(signal);
      for (;;) {
        // A member that joins, or returns after a pause of its process or of the network, is seen by the others before it begins.
        if (this.#age() >= WRITE_MS) this.#from = Infinity;
        try {
          await this.#renew(signal);
          await this.#look(signal);
          this.#join();
        } catch (error) {
          signal.throwIfAborted();
          onProblem(`the shard's Lease: ${messageOf(error)}`);
        }
        this.#judge();
        await clock.sleep(LOOK_MS, signal);
      }
    } finally {
      this.#from = Infinity;
      await client.request({ method: 'DELETE', path: this.#path(), timeoutMs: 2_000 }).catch(() => undefined);
    }
  }

  /** ms since the others could last see this one, and this one the others. */
  #age(): number {
    const now = this.#moment();
    // A machine that sleeps may stop its own clock; the other one may be set back.
    const since = (then: Moment): number => Math.max(now.clock - then.clock, now.wall - then.wall);
    return Math.max(since(this.#renewed), since(this.#looked));
  }

  #moment(): Moment {
    const { clock, now } = this.options;
    return { clock: clock.now(), wall: now().getTime() };
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { client, name, namespace, now } = this.options;
    const before = this.#moment();
    if (before.clock - this.#renewed.clock < RENEW_MS) return;
    await client.json({
      method: 'PATCH',
      path: this.#path(),
      query: { fieldManager: 'hoist-sync-shard', force: true },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: leaseName(name), namespace, labels: { [LABEL]: 'true' } },
        spec: {
          holderIdentity: name,
          leaseDurationSeconds: DURATION_MS / 1_000,
          renewTime: now().toISOString().replace('Z', '000Z'),
        },
      },
      signal,
      timeoutMs: REQUEST_MS,
    });
    // Counted from before the request: the server may have had it for that long.
    this.#renewed = before;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.options;
    const before = this.#moment();
    const { items } = await listAll<Lease>(client, {
      path: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
      query: { labelSelector: `${LABEL}=true` },
      signal,
      timeoutMs: REQUEST_MS,
    });
    this.#note(items);
    this.#looked = before;
  }

  /** Decides once, after a first look, from when on this shard may write: one that is alone need not wait. */
  #join(): void {
    if (this.#from !== Infinity || this.#age() >= WRITE_MS) return;
    const alone = [...this.#seen.keys()].every((key) => key === this.options.name);
    this.#from = this.options.clock.now() + (alone ? 0 : JOIN_MS);
  }

  #note(leases: readonly Lease[]): void {
    const present = new Set<string>();
    for (const { spec } of leases) {
      const { holderIdentity = '', renewTime = '' } = spec ?? {};
      present.add(holderIdentity);
      if (this.#seen.get(holderIdentity)?.renewTime === renewTime) continue;
      this.#seen.set(holderIdentity, { renewTime, at: this.options.clock.now() });
    }
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
  }

  #judge(): void {
    const { name, onChange } = this.options;
    // By the last look: a Lease that could not be read since has not therefore ended.
    const { clock: at } = this.#looked;
    const alive = [...this.#seen]
      .filter(([key, seen]) => key === name || at - seen.at < DURATION_MS)
      .map(([key]) => key);
    const members = this.mayWriteMs() > 0 ? alive.sort() : [];
    if (members.join(' ') === this.#members.join(' ')) return;
    this.#members = members;
    onChange(members);
  }

  #path(): string {
    const { namespace, name } = this.options;
    return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${leaseName(name)}`;
  }
}

function leaseName(name: string): string {
  return `hoist-sync-${name}`;
}
