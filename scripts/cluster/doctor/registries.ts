// Whether the registries can be reached that a cluster's nodes will pull images from, seen from this machine.

import { messageOf } from '../../base/errors.ts';
import { registryOf } from '../../docker/image-name.ts';
import type { Environment } from '../../host/paths.ts';
import { type Finding, ok, warn } from '../../host/preflight/finding.ts';
import type { Manifest } from '../../kube/manifests/manifest.ts';
import { DownloadError, discard, get } from '../../tools/download/http.ts';

/** Resolves with why a registry cannot be reached; undefined where it answers. */
export type Probe = (host: string) => Promise<string | undefined>;

const HINT =
  'Pods wait for these images in vain. Make the registry reachable (HTTPS_PROXY is honoured), name a mirror, or take them out of the settings.';
/** Images that a row names. */
const SHOWN = 3;

/** One row for each registry that does not answer, and one for all that do. */
export async function checkRegistries(images: readonly string[], probe: Probe): Promise<Finding[]> {
  const byHost = new Map<string, Set<string>>();
  for (const image of images) {
    const host = registryOf(image);
    // One of this machine or of an engine's own network is reached by other ways than its name.
    if (/^(?:[a-z\d-]+\.)+[a-z-]+$/i.test(host) && !/\.(?:localhost|internal|local)$/i.test(host))
      byHost.set(host, (byHost.get(host) ?? new Set()).add(image));
  }
  const rows = await Promise.all(
    [...byHost].map(async ([host, of]) => ({ host, of: [...of], why: await probe(host) })),
  );
  const reached = rows.filter(({ why }) => why === undefined).map(({ host }) => host);
  const late = rows.flatMap(({ host, of, why }) => {
    if (why === undefined) return [];
    const more = of.length > SHOWN ? ` and ${of.length - SHOWN} more` : '';
    return [warn(`registry ${host}`, `${why}; needed for ${of.slice(0, SHOWN).join(', ')}${more}`, HINT)];
  });
  return [...(reached.length > 0 ? [ok('registries', `${reached.join(', ')}: reached`)] : []), ...late];
}

/** Asks for the registry's API, within seconds; any answer will do, also that a password is wanted. */
export function probeRegistry(env: Environment, signal: AbortSignal): Probe {
  return async (host) => {
    try {
      discard(await get(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/`, { env, signal }));
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      return error instanceof DownloadError && error.kind !== 'unreachable' ? undefined : messageOf(error);
    }
  };
}

/** The images of all containers that the objects name. */
export function imagesOf(manifests: readonly Manifest[]): string[] {
  const found = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value) && /^(?:c|initC|ephemeralC)ontainers$/.test(key)) {
      for (const { image } of value as { image?: unknown }[]) if (typeof image === 'string') found.add(image);
    }
    for (const [name, inner] of Object.entries(value)) visit(inner, name);
  };
  for (const { object } of manifests) visit(object, '');
  return [...found];
}
