// Finds out which resource stands for a kind by asking the server, once per client as far as possible.

import { createHash } from 'node:crypto';
import { nearest } from '../base/suggest.ts';
import type { KubeClient } from './client/client.ts';
import { KubeApiError, KubeConnectionError } from './client/errors.ts';
import { basePath, builtinResources, kindKey, type Resource } from './resources.ts';

// One request each for the core group and for all others, since 1.27; an older server ignores it and lists group names.
const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

interface DiscoveryList {
  kind: string;
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      resources?: { resource: string; scope: string; responseKind?: { kind: string } }[];
    }[];
  }[];
}

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** Characters of one answer; what a server with a thousand definitions says has a tenth of that. */
const ANSWER_CHARS = 8 * 2 ** 20;

/** Kinds of a server that are remembered; OpenShift has four hundred. */
const MAX_KINDS = 10_000;

/** By kindKey. */
type Known = ReadonlyMap<string, Resource>;

export interface Discovery {
  /**
   * The resource of a kind; undefined where the server has none. Asks again for a kind that it has not heard of,
   * because its definition may just have been made.
   */
  find(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource | undefined>;
  /** The known kind that was probably meant, as `apiVersion kind`. */
  suggest(apiVersion: string, kind: string): string | undefined;
}

const perClient = new WeakMap<KubeClient, Discovery>();

/** The discovery of a client; what it has learned is kept as long as the client. */
export function discoveryOf(client: KubeClient): Discovery {
  let discovery = perClient.get(client);
  if (discovery === undefined) {
    discovery = new CachedDiscovery(client);
    perClient.set(client, discovery);
  }
  return discovery;
}

/** What servers have said, latest last: a fleet has few kinds of clusters, and keeps one copy for each kind. */
const said = new Map<string, Known>();
const MOST_SAID = 64;

function shared(known: Known): Known {
  const entries = [...known].map(([key, { base, plural, namespaced }]) => `${key} ${base} ${plural} ${namespaced}`);
  const digest = createHash('sha256').update(entries.sort().join('\n')).digest('base64');
  const same = said.get(digest) ?? known;
  said.delete(digest);
  said.set(digest, same);
  const [oldest] = said.keys();
  if (said.size > MOST_SAID && oldest !== undefined) said.delete(oldest);
  return same;
}

function tooMany(server: string): KubeConnectionError {
  return new KubeConnectionError(`${server} claims to have more than ${MAX_KINDS} kinds`, 'TOO_LARGE');
}

class CachedDiscovery implements Discovery {
  #known: Known = builtinResources;
  #reading: Promise<Known> | undefined;

  constructor(readonly client: KubeClient) {}

  async find(apiVersion: string, kind: string, signal?: AbortSignal): Promise<Resource | undefined> {
    const key = kindKey(apiVersion, kind);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // Lookups at the same time share one reading; a later one reads again.
    this.#reading ??= this.#read(signal).finally(() => {
      this.#reading = undefined;
    });
    this.#known = await this.#reading;
    const found = this.#known.get(key) ?? (await this.#findAlone(apiVersion, kind, signal));
    if (found !== undefined) this.#known = new Map([...this.#known, [key, found]]);
    return found;
  }

  suggest(apiVersion: string, kind: string): string | undefined {
    const keys = [...this.#known.keys()];
    const sameKind = keys.filter((key) => key.endsWith(` ${kind}`));
    const sameGroup = keys.filter((key) => key.startsWith(`${apiVersion} `));
    return (
      nearest(kindKey(apiVersion, kind), sameKind) ??
      sameKind[0] ??
      nearest(kindKey(apiVersion, kind), sameGroup.length > 0 ? sameGroup : keys)
    );
  }

  async #read(signal: AbortSignal | undefined): Promise<Known> {
    const lists = await Promise.all(
      ['/api', '/apis'].map((path) =>
        this.client.json<DiscoveryList>({ path, accept: aggregated, signal, attempts: 3, maxChars: ANSWER_CHARS }),
      ),
    );
    const known = new Map(builtinResources);
    for (const group of lists.flatMap((list) => (list.kind === 'APIGroupDiscoveryList' ? (list.items ?? []) : []))) {
      const name = group.metadata?.name ?? '';
      for (const { version, resources = [] } of group.versions ?? []) {
        const apiVersion = name === '' ? version : `${name}/${version}`;
        for (const { resource, scope, responseKind } of resources) {
          if (responseKind === undefined) continue;
          const entry = { base: basePath(apiVersion), plural: resource, namespaced: scope === 'Namespaced' };
          if (known.size >= MAX_KINDS) throw tooMany(this.client.server);
          known.set(kindKey(apiVersion, responseKind.kind), entry);
        }
      }
    }
    return shared(known);
  }

  /** Asks for one group and version: the way of servers that do not aggregate, and of groups whose own server is slow. */
  async #findAlone(apiVersion: string, kind: string, signal: AbortSignal | undefined): Promise<Resource | undefined> {
    const path = basePath(apiVersion);
    try {
      const list = await this.client.json<Partial<ResourceList>>({
        path,
        signal,
        attempts: 3,
        maxChars: ANSWER_CHARS,
      });
      // Of a server that answers something else, it is not known that it lacks the kind.
      if (!Array.isArray(list.resources)) {
        throw new KubeConnectionError(`GET ${path}: the answer is no list of resources`, 'NOT_KUBERNETES');
      }
      const found = list.resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
      return found && { base: path, plural: found.name, namespaced: found.namespaced };
    } catch (error) {
      if (error instanceof KubeApiError && error.status === 404) return undefined;
      throw error;
    }
  }
}
