// Reads what the settings name: a native config, certificates, registries; and maps the rest to this provider's terms.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConfigError, messageOf } from '../../../base/errors.ts';
import { type Endpoint, isLocal } from '../../../docker/endpoint.ts';
import type { Environment } from '../../../host/paths.ts';
import type { K3dPlanSettings } from '../../../plan/plan.ts';
import { parseBytes } from '../../../settings/units.ts';
import { type Cache, planCaches, renderRegistries } from '../caches/caches.ts';
import { type NativeConfig, parseNativeConfig } from './native-config.ts';
import { nodeEnv, proxyVariables } from './proxies.ts';
import type { K3dSettings } from './settings.ts';

export interface K3dInputs {
  settings: K3dSettings;
  native: NativeConfig | undefined;
  caches: readonly Cache[];
  /** Text of the nodes' registries.yaml with these caches; undefined where nodes need none. */
  registries: (caches: readonly Cache[]) => Promise<string | undefined>;
  /** Variables for k3d, which puts them into the nodes. */
  env: Readonly<Record<string, string>>;
}

const TEMPLATE = fileURLToPath(new URL('../../../../files/registries.yaml', import.meta.url));

/** @throws ConfigError with what is wrong in any of the files. */
export async function readInputs(given: K3dPlanSettings, endpoint: Endpoint, env: Environment): Promise<K3dInputs> {
  const [native, caCertificates, template] = await Promise.all([
    given.config === undefined
      ? undefined
      : read(given.config, 'k3d.config').then((text) => parseNativeConfig(given.config ?? '', text, env)),
    given.caCertificates === undefined ? undefined : read(given.caCertificates, 'k3d.caCertificates'),
    read(given.registries ?? TEMPLATE, 'k3d.registries'),
  ]);
  if (caCertificates !== undefined && !caCertificates.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigError([{ where: given.caCertificates ?? '', message: 'holds no certificate in PEM form' }]);
  }
  // A native config with registries of its own has the say over them.
  const own = native?.tree.registries?.config !== undefined;
  const caches = given.caches && !own ? planCaches(given.cachedRegistries) : [];
  return {
    settings: toSettings(given, endpoint, env, caCertificates),
    native,
    caches,
    async registries(available) {
      const plain = available.length === 0 && given.registries === undefined;
      return own || plain ? undefined : renderRegistries(template, available);
    },
    env: nodeEnv(env),
  };
}

async function read(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError([{ where, message: `${path} cannot be read: ${messageOf(error)}` }], { cause: error });
  }
}

function toSettings(
  given: K3dPlanSettings,
  endpoint: Endpoint,
  env: Environment,
  caCertificates: string | undefined,
): K3dSettings {
  const memory = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseBytes(text));
  return {
    image: given.image,
    // Nobody but this machine needs the API of a local engine; that of another one must be reached from here.
    apiPort: given.apiPort ?? `${isLocal(endpoint) ? '127.0.0.1' : '0.0.0.0'}:random`,
    loadBalancer: given.loadBalancer,
    ports: given.ports,
    volumes: given.volumes,
    network: given.network,
    subnet: given.subnet,
    k3sArgs: given.k3sArgs.map(({ arg, nodes }, i) => ({ arg, nodes, where: `k3d.k3sArgs[${i}]` })),
    disable: given.disable,
    resourceOptimization: given.resourceOptimization,
    sizing: given.sizing,
    limits: {
      server: { memoryBytes: memory(given.memoryLimitServer), cpus: given.cpuLimitServer },
      agent: { memoryBytes: memory(given.memoryLimitAgent), cpus: given.cpuLimitAgent },
    },
    maxParallelImagePulls: given.maxParallelImagePulls,
    proxyVariables: proxyVariables(env),
    caCertificates,
  };
}
