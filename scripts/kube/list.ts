// Reads a collection in pages, so that no answer of a large one has to be held as one text.

import type { KubeClient } from './client/client.ts';
import { KubeApiError, KubeConnectionError } from './client/errors.ts';

/** Items for one page; what the API server itself recommends to its clients. */
const PAGE = 500;

/** How often a list that outlives its snapshot is started again. */
const RESTARTS = 3;

/** Five million objects in pages of 500; etcd holds 8 GiB at most. */
const MOST_PAGES = 10_000;

/** Pages in a row without an item. */
const MOST_EMPTY = 20;

/** Characters of a `continue` token, which becomes a part of an address; real ones have some hundred. */
const LONGEST_TOKEN = 64 * 1024;

/** Goes from page to page of one list: a server whose list never ends would be read until the memory is full. */
export class Pages {
  readonly #seen = new Set<string>();
  /** Pages in a row that were empty. */
  #empty = 0;

  constructor(readonly path: string) {}

  /**
   * The token of the next page; undefined after the last one.
   * @param items of this page: a server fills its pages, and one with another behind it is empty only by accident
   * @throws KubeConnectionError for one that was given before, one that is none, and after 10,000 pages
   */
  next(token: unknown, items?: number): string | undefined {
    if (token === undefined || token === null || token === '') return undefined;
    this.#empty = items === 0 ? this.#empty + 1 : 0;
    if (this.#empty > MOST_EMPTY) throw this.#endless(`has more than ${MOST_EMPTY} empty pages in a row`);
    if (typeof token !== 'string' || token.length > LONGEST_TOKEN)
      throw this.#endless('has no usable `continue` token');
    if (this.#seen.has(token)) throw this.#endless('leads back to a page that was read before');
    if (this.#seen.size >= MOST_PAGES) throw this.#endless(`has more than ${MOST_PAGES} pages`);
    this.#seen.add(token);
    return token;
  }

  #endless(what: string): KubeConnectionError {
    return new KubeConnectionError(`the list of ${this.path} ${what}`, 'ENDLESS_LIST');
  }
}

export interface ListRequest {
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  attempts?: number | undefined;
  patient?: boolean | undefined;
  /** Items for one page; defaults to 500. */
  limit?: number | undefined;
  /** Characters of one page at most. */
  maxChars?: number | undefined;
}

/** A whole collection, and the version that a watch goes on from. */
export interface Listing<T> {
  items: T[];
  resourceVersion: string | undefined;
}

interface Page<T> {
  metadata?: { resourceVersion?: string; continue?: unknown };
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

async function listOnce<T>(client: KubeClient, { limit = PAGE, ...request }: ListRequest): Promise<Listing<T>> {
  const items: T[] = [];
  const pages = new Pages(request.path);
  let token: string | undefined;
  for (;;) {
    const page = await client.json<Page<T>>({
      ...request,
      query: { ...request.query, limit, continue: token },
    });
    // A null is an empty list as Go writes it, and the client hands it on as one; without the field it is something else.
    if (!Array.isArray(page.items)) {
      throw new KubeConnectionError(`GET ${request.path}: the answer is no list`, 'NOT_KUBERNETES');
    }
    for (const item of page.items) items.push(item);
    token = pages.next(page.metadata?.continue, page.items.length);
    if (token === undefined) return { items, resourceVersion: page.metadata?.resourceVersion };
  }
}
