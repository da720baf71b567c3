// The registries that keep what nodes pull: one for each upstream, shared by all clusters, outliving them.

/** A registry that passes on to one upstream and keeps what came through. */
export interface Cache {
  /** As images name it: `docker.io`. */
  registry: string;
  /** Where it fetches: `https://registry-1.docker.io`. */
  remoteUrl: string;
  /** A public registry at its own address, as opposed to one that the user named. */
  wellKnown: boolean;
  /** Name given to k3d, which puts `k3d-` before it. */
  name: string;
  /** Container, and host name in the clusters' networks. */
  container: string;
  /** Where nodes reach it. */
  endpoint: string;
  /** Docker volume that holds its data. */
  volume: string;
}

/** How the names of all caches begin, those of their volumes too. */
const PREFIX = 'hoist-cache-';

/** The labels of the volumes of all caches: what has the name but not the labels is not hoist's. */
export const CACHE_LABELS = { app: 'hoist', 'hoist.kind': 'cache' } as const;

/** Whether a container is a cache, by the name that k3d gives it. */
export function isCacheContainer(name: string): boolean {
  return name.startsWith(`k3d-${PREFIX}`);
}

/** The volume that holds the data of a cache. */
export function volumeOfCache(container: string): string {
  return container.replace(/^k3d-/, '');
}

/** The caches for these registries; `NAME=URL` gives an upstream other than `https://NAME`. */
export function planCaches(registries: readonly string[]): Cache[] {
  return registries.map((entry) => {
    const [registry = '', ...url] = entry.split('=');
    const name = `${PREFIX}${registry.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
    const own = registry === 'docker.io' ? 'https://registry-1.docker.io' : `https://${registry}`;
    return {
      registry,
      wellKnown: url.length === 0,
      remoteUrl: url.length > 0 ? url.join('=') : own,
      name,
      container: `k3d-${name}`,
      endpoint: `http://k3d-${name}:5000`,
      volume: name,
    };
  });
}

interface Mirror {
  endpoint?: string[];
}

/**
 * The nodes' registries.yaml: the template's own mirrors and configs, and the caches before each registry's own
 * endpoints. containerd goes to the registry itself where none of them answers.
 * @param template text of files/registries.yaml, or of the user's own.
 */
export async function renderRegistries(template: string, caches: readonly Cache[]): Promise<string> {
  const { parse, stringify } = await import('yaml');
  const base = (parse(template) ?? {}) as { mirrors?: Record<string, Mirror | null> | null };
  const mirrors: Record<string, Mirror> = {};
  for (const [registry, mirror] of Object.entries(base.mirrors ?? {})) mirrors[registry] = mirror ?? {};
  for (const { registry, endpoint } of caches) {
    const others = (mirrors[registry]?.endpoint ?? []).filter((other) => other !== endpoint);
    mirrors[registry] = { ...mirrors[registry], endpoint: [endpoint, ...others] };
  }
  // For a reader of YAML 1.1; a key like "*" must be quoted there, which this does.
  return stringify({ ...base, mirrors }, { version: '1.1', lineWidth: 0 });
}
