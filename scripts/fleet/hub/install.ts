// Puts the kinds that sync reads and writes onto a hub, unless a hive is there with its own.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseAnswer, type KubeClient } from '../../kube/client/client.ts';
import { apply } from '../../kube/apply/apply.ts';
import type { Manifest } from '../../kube/manifests/manifest.ts';
import { objectsOf, readText } from '../../kube/manifests/manifests.ts';
import type { KubeObject } from '../../kube/object.ts';
import { ConfigError, HealthError, type Problem } from '../../base/errors.ts';
import { systemClock } from '../../engine/clock.ts';
import { discoveryOf } from '../../kube/discovery.ts';

const CRDS = fileURLToPath(new URL('../../../config/sync/crds.yaml', import.meta.url));

const OURS = 'app.kubernetes.io/managed-by';

/** The definitions as they are applied. */
async function definitions(): Promise<Manifest[]> {
  const { parts, problems } = await readText(await readFile(CRDS, 'utf8'), 'config/sync/crds.yaml');
  const found: Problem[] = [...problems];
  const manifests = parts.flatMap((part) => objectsOf(part, found));
  if (found.length > 0) throw new ConfigError(found);
  return manifests;
}

export interface Installed {
  name: string;
  outcome: string;
}

/** Resolves when all kinds are served. Definitions that are not hoist's are left as they are: a hive's are complete. */
export async function installDefinitions(client: KubeClient, signal: AbortSignal): Promise<Installed[]> {
  const manifests = await definitions();
  const foreign: Installed[] = [];
  const own: Manifest[] = [];
  for (const manifest of manifests) {
    const { name } = manifest.object.metadata;
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
    const response = await client.request({ path, signal });
    const there = response.status === 404 ? undefined : (parseAnswer({ path }, response) as KubeObject);
    if (there === undefined || there.metadata.labels?.[OURS] === 'hoist-sync') own.push(manifest);
    else foreign.push({ name, outcome: 'exists, of another owner: left as it is' });
  }
  const results = await apply(client, own, { signal });
  await untilServed(client, own, signal);
  return [...results.map(({ manifest, outcome }) => ({ name: manifest.object.metadata.name, outcome })), ...foreign];
}

/** ms until discovery must know a kind whose definition is established; a busy server takes seconds for several. */
const SERVED_MS = 30_000;

interface Definition {
  spec?: { group?: string; names?: { kind?: string }; versions?: { name?: string }[] };
}

/** An established definition is not yet among the kinds that the server says it has, and `sync adopt` goes by those. */
async function untilServed(client: KubeClient, manifests: readonly Manifest[], signal: AbortSignal): Promise<void> {
  const deadline = systemClock.now() + SERVED_MS;
  for (const { object } of manifests) {
    const { group, names, versions } = (object as unknown as Definition).spec ?? {};
    const apiVersion = `${group}/${versions?.[0]?.name}`;
    const kind = names?.kind ?? '';
    while ((await discoveryOf(client).find(apiVersion, kind, signal)) === undefined) {
      if (systemClock.now() > deadline) throw new HealthError(`the server does not serve ${kind} of ${apiVersion} yet`);
      await systemClock.sleep(100, signal);
    }
  }
}
