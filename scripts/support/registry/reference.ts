// Names of images and artifacts: which registry, repository, tag or digest they mean.

import { HoistError } from '../../base/errors.ts';
import { registryOf, wholeName } from '../../docker/image-name.ts';

export interface Reference {
  /** As it is asked: `registry-1.docker.io`, `ghcr.io`, `localhost:5000`. */
  host: string;
  /** As people and credentials name it: `docker.io`. */
  registry: string;
  repository: string;
  /** A tag or a digest. */
  version: string;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** @throws HoistError where it is no name of an image */
export function parseReference(image: string): Reference {
  const registry = registryOf(image);
  const whole = wholeName(image);
  const rest = whole.slice(whole.indexOf('/') + 1);
  const [named = '', digest] = rest.split('@');
  const colon = named.lastIndexOf(':');
  const [repository, tag] = colon < 0 ? [named, 'latest'] : [named.slice(0, colon), named.slice(colon + 1)];
  const good =
    /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/.test(repository) &&
    /^\w[\w.-]{0,127}$/.test(tag) &&
    (digest === undefined || DIGEST.test(digest)) &&
    /^[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?$|^\[[0-9a-fA-F:]+\](?::\d{1,5})?$/.test(registry);
  if (!good) throw new HoistError(`"${image}" is no name of an image`);
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  return { host, registry, repository, version: digest ?? tag };
}

/** Registries of this machine and of private networks may be asked without TLS, as other tools do. */
export function mayBePlain(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return (
    /^(localhost|127\.[\d.]+|::1)$|\.(localhost|local)$/.test(name) ||
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$/.test(name)
  );
}
