// Which images a version of k3d will use, so that exactly these are pulled before it starts.

import type { Environment } from '../../host/paths.ts';

/** What `k3d version --output json` says. */
export interface K3dVersion {
  /** `v5.9.0` */
  k3d: string;
  /** The k3s that it takes by default: `v1.34.2-k3s1`. */
  k3s: string;
}

export interface NeededImage {
  name: string;
  purpose: 'nodes' | 'tools' | 'load balancer' | 'registry caches';
}

export interface ImageChoice {
  /** The user's; k3d's own default where not given. */
  image: string | undefined;
  loadBalancer: boolean;
  caches: boolean;
}

export const REGISTRY_IMAGE = 'docker.io/library/registry:2';

/** The image of the nodes. */
export function nodeImage(version: K3dVersion, image: string | undefined): string {
  return image ?? `docker.io/rancher/k3s:${version.k3s}`;
}

/** Whether the name leaves it to the network which version it is; such an image cannot be pulled beforehand. */
export function isChannel(image: string): boolean {
  return image === 'latest' || image === 'stable' || image.startsWith('+');
}

/** Helper images carry k3d's own version as their tag, unless its variables say otherwise. */
export function neededImages(version: K3dVersion, choice: ImageChoice, env: Environment): NeededImage[] {
  const set = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const tag = set('K3D_HELPER_IMAGE_TAG') ?? version.k3d.replace(/^v/, '');
  const node = nodeImage(version, choice.image);
  const images: (NeededImage | undefined)[] = [
    isChannel(node) ? undefined : { name: node, purpose: 'nodes' },
    { name: set('K3D_IMAGE_TOOLS') ?? `ghcr.io/k3d-io/k3d-tools:${tag}`, purpose: 'tools' },
    choice.loadBalancer
      ? { name: set('K3D_IMAGE_LOADBALANCER') ?? `ghcr.io/k3d-io/k3d-proxy:${tag}`, purpose: 'load balancer' }
      : undefined,
    choice.caches ? { name: REGISTRY_IMAGE, purpose: 'registry caches' } : undefined,
  ];
  return images.filter((image) => image !== undefined);
}
