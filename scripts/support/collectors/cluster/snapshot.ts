// What the parts of a snapshot of the cluster share: its namespaces, its files, and how failures are reported.

import { messageOf } from '../../../base/errors.ts';
import { KubeApiError } from '../../../kube/client/errors.ts';
import type { KubeList, KubeObject } from '../../../kube/object.ts';
import type { Reach, Running } from '../collector.ts';

/** One snapshot on its way: what its parts share. */
export interface Snapshot {
  running: Running;
  reach: Reach;
  namespaces: readonly string[];
  /** Whether those are all that there are. */
  whole: boolean;
  limit: <T>(work: () => Promise<T>) => Promise<T>;
  /** What may not be listed; said in one line. */
  refused: Set<string>;
  /** Writes `cluster-resources/PATH`. */
  write: (path: string, value: unknown) => Promise<void>;
}

/** What the work gives; its failure goes into `FILE-errors.json` and the result. */
export async function failing<T>(
  file: string,
  { write, running, refused }: Pick<Snapshot, 'write' | 'running' | 'refused'>,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 403) refused.add(file);
    else running.problem(`${file}: ${messageOf(error)}`);
    await write(`${file}-errors.json`, [messageOf(error)]);
    return undefined;
  }
}

/** Lists name their kind, and so does each item, which the API server leaves out. */
export function typed({ metadata, items }: KubeList<KubeObject>, apiVersion: string, kind: string): object {
  return {
    kind: `${kind}List`,
    apiVersion,
    metadata: { resourceVersion: metadata.resourceVersion },
    items: items.map((item) => ({ kind, apiVersion, ...item })),
  };
}
