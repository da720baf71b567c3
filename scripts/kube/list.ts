// Reads a collection in pages, so that no answer of a large one has to be held as one text.

import type { KubeClient } from './client/client.ts';
import { KubeApiError } from './client/errors.ts';

/** Items for one page; what the API server itself recommends to its clients. */
const PAGE = 500;

/** How often a list that outlives its snapshot is started again. */
const RESTARTS = 3;

export interface ListRequest {
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  attempts?: number | undefined;
  patient?: boolean | undefined;
}

/** A whole collection, and the version that a watch goes on from. */
export interface Listing<T> {
  items: T[];
  resourceVersion: string | undefined;
}

interface Page<T> {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: T[] | null;
}

/**
 * All items, and the version of the collection that a watch goes on from. Consistent: the version is never left to the server.
 * A list that takes longer than the server keeps its snapshot (410) is started again.
 * @throws KubeApiError, KubeConnectionError, or the signal's reason
 */
export async function listAll<T>(client: KubeClient, request: ListRequest): Promise<Listing<T>> {
  for (let round = 1; ; round++) {
    try {
      return await listOnce<T>(client, request);
    } catch (error) {
      if (!(error instanceof KubeApiError) || error.status !== 410 || round > RESTARTS) throw error;
    }
  }
}

async function listOnce<T>(client: KubeClient, request: ListRequest): Promise<Listing<T>> {
  const items: T[] = [];
  let token: string | undefined;
  for (;;) {
    const page = await client.json<Page<T>>({
      ...request,
      query: { ...request.query, limit: PAGE, continue: token },
    });
    for (const item of page.items ?? []) items.push(item);
    token = page.metadata?.continue;
    if (token === undefined || token === '') return { items, resourceVersion: page.metadata?.resourceVersion };
  }
}
