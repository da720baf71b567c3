// Which images a version of k3d will use, so that exactly these are pulled before it starts.

import type { Environment } from '../../../host/paths.ts';

export interface NeededImage {
  name: string;
  purpose: 'nodes' | 'tools' | 'load balancer' | 'registry caches';
}

export interface ImageChoice {
  /** Of the nodes. */
  image: string;
  loadBalancer: boolean;
  caches: boolean;
}

export const REGISTRY_IMAGE = 'docker.io/library/registry:2';

/** The first k3s of a Kubernetes version, `1.34.2`: pinned, since what is stamped into k3d differs from build to build. */
export function defaultImage(kubernetes: string): string {
  return `docker.io/rancher/k3s:v${kubernetes}-k3s1`;
}

/** Whether the name leaves it to the network which version it is; such an image cannot be pulled beforehand. */
export function isChannel(image: string): boolean {
  return image === 'latest' || image === 'stable' || image.startsWith('+');
}

/**
 * Helper images carry k3d's own version as their tag, unless its variables say otherwise.
 * @param k3d version of k3d, like `5.9.0`.
 */
export function neededImages(k3d: string, choice: ImageChoice, env: Environment): NeededImage[] {
  const set = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const tag = set('K3D_HELPER_IMAGE_TAG') ?? k3d;
  const images: (NeededImage | undefined)[] = [
    isChannel(choice.image) ? undefined : { name: choice.image, purpose: 'nodes' },
    { name: set('K3D_IMAGE_TOOLS') ?? `ghcr.io/k3d-io/k3d-tools:${tag}`, purpose: 'tools' },
    choice.loadBalancer
      ? { name: set('K3D_IMAGE_LOADBALANCER') ?? `ghcr.io/k3d-io/k3d-proxy:${tag}`, purpose: 'load balancer' }
      : undefined,
    choice.caches ? { name: REGISTRY_IMAGE, purpose: 'registry caches' } : undefined,
  ];
  return images.filter((image) => image !== undefined);
}
