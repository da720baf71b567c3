// What a user can say about a k3d cluster beyond what every provider takes.

import type { SizingPolicy } from '../../../plan/sizing.ts';
import type { K3sArg } from '../k3s-args/k3s-args.ts';
import type { GivenLimits } from './sizing.ts';

export interface K3dSettings {
  image: string | undefined;
  /** `HOST:PORT` of the API on the engine's machine; the port may be `random`. */
  apiPort: string;
  /** `auto`: only where ports or several servers need one. */
  loadBalancer: 'auto' | boolean;
  /** `[HOST:]HOSTPORT:CONTAINERPORT[@FILTER]`. */
  ports: readonly string[];
  /** `SOURCE:DEST[@FILTER]`; a source that is a path must exist on the engine's machine. */
  volumes: readonly string[];
  network: string | undefined;
  subnet: string | undefined;
  k3sArgs: readonly K3sArg[];
  /** Packaged parts of k3s that are not wanted, like `traefik`. */
  disable: readonly string[];
  /** Limits and reserves of the nodes; off leaves all of that to k3d. */
  resourceOptimization: boolean;
  sizing: SizingPolicy;
  limits: GivenLimits;
  maxParallelImagePulls: number | undefined;
  /** Names of environment variables that the nodes get, like HTTP_PROXY. */
  proxyVariables: readonly string[];
  /** Certificates in PEM form that the nodes trust besides the public ones. */
  caCertificates: string | undefined;
}
