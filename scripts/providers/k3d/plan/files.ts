// Reads the files that the settings name: certificates and registries.

import { fileURLToPath } from 'node:url';
import { readTextBounded } from '../../../host/files/bounded.ts';
import { ConfigError, reasonOf } from '../../../base/errors.ts';
import type { K3dSettings } from '../../../plan/plan.ts';
import { type Cache, planCaches, renderRegistries } from '../caches/caches.ts';

export interface K3dFiles {
  /** Text of `k3d.caCertificates`. */
  certificates: string | undefined;
  caches: readonly Cache[];
  /** Text of the nodes' registries.yaml with these caches; undefined where nodes need none. */
  registries: (caches: readonly Cache[]) => Promise<string | undefined>;
}

const TEMPLATE = fileURLToPath(new URL('../../../../files/registries.yaml', import.meta.url));

/** @throws ConfigError with what is wrong in any of the files. */
export async function readFiles(given: K3dSettings): Promise<K3dFiles> {
  const [certificates, template] = await Promise.all([
    given.caCertificates === undefined ? undefined : read(given.caCertificates, 'k3d.caCertificates'),
    read(given.registries ?? TEMPLATE, 'k3d.registries'),
  ]);
  if (certificates !== undefined && !certificates.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ConfigError([{ where: given.caCertificates ?? '', message: 'holds no certificate in PEM form' }]);
  }
  // A native config with registries of its own has the say over them.
  const own = given.native?.tree.registries?.config !== undefined;
  return {
    certificates,
    caches: given.caches && !own ? planCaches(given.cachedRegistries) : [],
    async registries(available) {
      const plain = available.length === 0 && given.registries === undefined;
      return own || plain ? undefined : renderRegistries(template, available);
    },
  };
}

async function read(path: string, where: string): Promise<string> {
  try {
    return await readTextBounded(path);
  } catch (error) {
    throw new ConfigError([{ where, message: `${path} cannot be read: ${reasonOf(error)}` }], { cause: error });
  }
}
