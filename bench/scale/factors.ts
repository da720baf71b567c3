// One factor at a time: what workers, temporary files with kubectl, and server-side apply of everything cost against the ladder.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestCluster } from '../../test/doubles/apiserver.ts';
import { copies, fleetOf } from '../../test/fleet/world.ts';
import { isThere } from '../harness/peers.ts';
import { object, once, scaleSets, type Size } from './fleets.ts';

export interface Factor {
  factor: string;
  /** Objects brought to clusters, or found there as wanted. */
  objects: number;
  seconds: number;
  perSecond: number;
  requests: number;
}

/** Of kubectl, so many objects: one process takes as long as a hundred requests. */
const SAMPLE = 60;

/** As hive's workers by default. */
const HIVE_WORKERS = 5;

/** Each over the same clusters with the same sets, of which the server has everything already but for the first time. */
export async function factors(
  { connection, kubeconfig }: TestCluster,
  size: Size,
  show: (factor: Factor) => void,
): Promise<string | undefined> {
  const clusters = copies(connection, size.clusters);
  const sets = scaleSets(size.sets);
  const perCluster = size.sets * 10;
  const said = (factor: string, objects: number, seconds: number, requests: number): void =>
    show({ factor, objects, seconds: Number(seconds.toFixed(2)), perSecond: Math.round(objects / seconds), requests });

  await once('factors', fleetOf(sets, clusters.slice(0, 1)), size);
  for (const workers of [5, 32, 100]) {
    const { seconds, requests } = await once('factors', fleetOf(scaleSets(size.sets), clusters), { ...size, workers });
    said(`the ladder, ${workers} workers`, size.clusters * perCluster, seconds, requests);
  }

  // A run of its own for each cluster: none knows what another one has learnt, and so everything is applied.
  const some = clusters.slice(0, Math.ceil(size.clusters / 10));
  const started = performance.now();
  let [next, requests] = [0, 0];
  const worker = async (): Promise<void> => {
    for (let one = some[next++]; one !== undefined; one = some[next++]) {
      const figures = await once('factors', fleetOf(scaleSets(size.sets), [one]), size);
      requests += figures.requests;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  said('server-side apply of everything', some.length * perCluster, (performance.now() - started) / 1000, requests);

  const missing = await isThere('kubectl');
  if (missing !== undefined) return missing;
  said(`temporary files and kubectl, ${HIVE_WORKERS} workers`, SAMPLE, await withKubectl(kubeconfig), SAMPLE);
  return undefined;
}

/** @returns s for the sample: a file for each object, and a process that applies it, as hive did. */
async function withKubectl(kubeconfig: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-bench-factors-'));
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < SAMPLE; at = next++) {
      const file = join(folder, `${at}.json`);
      writeFileSync(file, JSON.stringify(object(`kubectl-${at}`)));
      await promisify(execFile)('kubectl', ['--kubeconfig', kubeconfig, 'apply', '--validate=false', '-f', file]);
    }
  };
  try {
    await Promise.all(Array.from({ length: HIVE_WORKERS }, worker));
    return (performance.now() - started) / 1000;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
