// Which shards are alive, by Leases on the hub; and whether this one may still write.

import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { listAll } from '../../kube/list.ts';
import type { KubeObject } from '../../kube/object.ts';

/** ms after which a shard that has not renewed its Lease counts as gone. */
const DURATION_MS = 15_000;
const RENEW_MS = 5_000;

/** ms without a renewal after which this shard stops writing: well before others take its clusters over. */
const WRITE_MS = 10_000;

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

export class Members {
  /** When each Lease was last seen to change, by our own clock: clocks of machines differ. */
  readonly #seen = new Map<string, { renewTime: string; at: number }>();
  #members: readonly string[] = [];
  #renewedAt = -Infinity;

  constructor(readonly options: MembersOptions) {}

  get members(): readonly string[] {
    return this.#members;
  }

  mayWrite(): boolean {
    return this.options.clock.now() - this.#renewedAt < WRITE_MS;
  }

  /** Renews and looks until the signal is aborted; the Lease is then given up, so that others need not wait for it. */
  async run(signal: AbortSignal): Promise<never> {
    const { clock, onProblem, client } = this.options;
    try {
      await this.#tick(signal);
      // The others see this one before it starts: what moves to it is then theirs no more.
      await clock.sleep(RENEW_MS + 1_000, signal);
      for (;;) {
        await this.#tick(signal).catch((error: unknown) => {
          signal.throwIfAborted();
          onProblem(`the shard's Lease: ${messageOf(error)}`);
        });
        this.#judge();
        await clock.sleep(RENEW_MS, signal);
      }
    } finally {
      this.#renewedAt = -Infinity;
      await client.request({ method: 'DELETE', path: this.#path(), timeoutMs: 2_000 }).catch(() => undefined);
    }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { client, clock, name, namespace, now } = this.options;
    const before = clock.now();
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
      timeoutMs: RENEW_MS,
    });
    // Counted from before the request: the server may have had it for that long.
    this.#renewedAt = before;
    const { items } = await listAll<Lease>(client, {
      path: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
      query: { labelSelector: `${LABEL}=true` },
      signal,
      timeoutMs: RENEW_MS,
    });
    this.#note(items);
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
    const { clock, name, onChange } = this.options;
    const now = clock.now();
    const alive = [...this.#seen].filter(([key, { at }]) => key === name || now - at < DURATION_MS).map(([key]) => key);
    const members = this.mayWrite() ? alive.sort() : [];
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
