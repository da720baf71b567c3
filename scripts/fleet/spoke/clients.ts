// One client for each server and credentials: clusters that are the same server share its connections and what is known of it.

import { createHash } from 'node:crypto';
import { connect, type KubeClient } from '../../kube/client/client.ts';
import type { KubeConnection } from '../../kube/client/connection.ts';

interface Shared {
  client: KubeClient;
  users: number;
}

/** ms; a dead cluster must not hold up others for the time that a slow one may take. */
const CONNECT_MS = 5_000;

export class Clients {
  readonly #shared = new Map<string, Shared>();

  /** A client, and what is to be called when it is no longer used. */
  take(connection: KubeConnection): { key: string; client: KubeClient; release: () => void } {
    const key = createHash('sha256').update(JSON.stringify(connection)).digest('base64url');
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { client: connect(connection, { connectMs: CONNECT_MS }), users: 0 };
      this.#shared.set(key, shared);
    }
    const { client } = shared;
    shared.users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      const now = this.#shared.get(key);
      if (now === undefined || --now.users > 0) return;
      this.#shared.delete(key);
      client.close();
    };
    return { key, client, release };
  }

  close(): void {
    for (const { client } of this.#shared.values()) client.close();
    this.#shared.clear();
  }
}
