// An object that is to be applied, and where it was written.

import type { KubeObject } from './object.ts';

export interface Manifest {
  object: KubeObject & { apiVersion: string; kind: string; [field: string]: unknown };
  /** For messages: `files/storage.yaml:12:1`, `NAMESPACES`. */
  where: string;
}

/** `Deployment web/api`, `Namespace dev`. */
export function titleOf({ object }: Pick<Manifest, 'object'>): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
