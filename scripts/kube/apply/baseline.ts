// Reads what revision a server is at before something is applied to it, in as few requests as can be.

import type { KubeClient } from '../client/client.ts';
import type { KubeList, KubeObject } from '../object.ts';
import { type Baseline, revisionOf } from './outcome.ts';

/** What one client knows of its server. */
interface Known {
  /** Questions under way, by path: a revision from a little earlier serves as well. */
  asked: Map<string, Promise<Baseline>>;
  /** The namespaces that this client has made, by name. */
  made: Map<string, OwnNamespace>;
}

/** A namespace that this client has created. */
interface OwnNamespace {
  revision: Baseline;
  /** Paths of what this client has applied in it: the revision says nothing of a second time. */
  applied: Set<string>;
}

const perClient = new WeakMap<KubeClient, Known>();

function knownOf(client: KubeClient): Known {
  let known = perClient.get(client);
  if (known === undefined) {
    known = { asked: new Map(), made: new Map() };
    perClient.set(client, known);
  }
  return known;
}

/** Remembers a namespace that an apply has just made: whatever is in it is younger. */
export function noteNamespace(client: KubeClient, namespace: KubeObject): void {
  const revision = revisionOf(namespace.metadata.resourceVersion);
  knownOf(client).made.set(namespace.metadata.name, { revision, applied: new Set() });
}

/** The revision at which this client has made the namespace, for the first apply of the object at `path`; undefined otherwise. */
export function madeAt(client: KubeClient, namespace: string, path: string): Baseline {
  const made = knownOf(client).made.get(namespace);
  if (made === undefined || made.applied.has(path)) return undefined;
  made.applied.add(path);
  return made.revision;
}

/**
 * A revision that all earlier writes to the collection at `path` are not above.
 * Never fails: undefined where it is not allowed, so that the outcome is known by time instead.
 */
export function baselineOf(client: KubeClient, path: string, signal?: AbortSignal): Promise<Baseline> {
  const { asked } = knownOf(client);
  let answer = asked.get(path);
  if (answer === undefined) {
    answer = readRevision(client, path, signal).finally(() => asked.delete(path));
    asked.set(path, answer);
  }
  return answer;
}

/** From the server's cache: one small request, whatever the number of objects. */
async function readRevision(client: KubeClient, path: string, signal: AbortSignal | undefined): Promise<Baseline> {
  try {
    const list = await client.json<KubeList<KubeObject>>({
      path,
      // Version 0 is answered from memory at once; a current one may wait 100 ms until an idle collection has caught up.
      query: { resourceVersion: '0', labelSelector: 'hoist-matches=nothing' },
      signal,
      timeoutMs: 5_000,
    });
    return revisionOf(list.metadata.resourceVersion);
  } catch {
    return undefined;
  }
}
