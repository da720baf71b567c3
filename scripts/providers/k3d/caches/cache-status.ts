// How much the pull-through caches hold, and how often they had what was asked for.

import { bytesText } from '../../../base/units.ts';
import { containerLog, listContainers } from '../../../docker/containers.ts';
import type { DockerClient } from '../../../docker/client.ts';
import type { ComponentStatus } from '../../provider.ts';
import { volumeOfCache } from './caches.ts';
import { K3D, ROLE } from '../nodes/labels.ts';

/** Lines of a cache's log that are counted, from the newest back. */
const COUNTED = 20_000;

/** Blobs that were asked for, and how many of them had to be fetched first. */
export interface CacheTraffic {
  asked: number;
  fetched: number;
}

/** Counts in the access log of the distribution registry: it notes each blob that it takes in from upstream. */
export function countLine(traffic: CacheTraffic, line: string): void {
  if (line.includes('Adding new scheduler entry') && line.includes('@sha256:')) traffic.fetched += 1;
  if (
    /msg="?response completed/.test(line) &&
    line.includes('http.request.method=GET') &&
    line.includes('/blobs/sha256:')
  ) {
    traffic.asked += 1;
  }
}

export async function cacheStatus(
  engine: DockerClient,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ComponentStatus[]> {
  if (names.length === 0) return [];
  const [containers, sizes] = await Promise.all([
    listContainers(engine, { ...K3D, [ROLE]: 'registry' }, signal),
    volumeSizes(engine, signal),
  ]);
  return Promise.all(
    names.map(async (name): Promise<ComponentStatus> => {
      const container = containers.find((one) => one.name === name);
      if (container === undefined) return { name, ok: true, detail: 'not there: nodes pull from the registry itself' };
      const traffic: CacheTraffic = { asked: 0, fetched: 0 };
      for await (const line of containerLog(engine, container.id, { follow: false, tail: COUNTED, signal })) {
        countLine(traffic, line);
      }
      const hits = Math.max(0, traffic.asked - traffic.fetched);
      const bytes = sizes.get(volumeOfCache(name));
      const size = bytes === undefined ? [] : [bytesText(bytes)];
      const text = [container.state, ...size, `${hits} of ${traffic.asked} layers from the cache`].join(', ');
      return { name, ok: container.state === 'running', detail: text };
    }),
  );
}

/** Bytes of each volume by name; none where the engine does not say. */
async function volumeSizes(engine: DockerClient, signal: AbortSignal | undefined): Promise<Map<string, number>> {
  interface Usage {
    Volumes?: { Name: string; UsageData?: { Size: number } | null }[] | null;
  }
  const usage = await engine
    .json<Usage>({ path: '/system/df', query: { type: 'volume' }, signal })
    .catch((): Usage => ({}));
  return new Map(
    (usage.Volumes ?? []).flatMap(({ Name, UsageData }) => (UsageData ? [[Name, UsageData.Size] as const] : [])),
  );
}
