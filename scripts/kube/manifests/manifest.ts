// An object that is to be applied, and where it was written.

import type { Problem } from '../../base/errors.ts';
import type { KubeObject } from '../object.ts';

export interface Manifest {
  object: KubeObject & { apiVersion: string; kind: string; [field: string]: unknown };
  /** For messages: `files/storage.yaml:12:1`, `NAMESPACES`. */
  where: string;
}

/** A document of a file, before it is known to be an object. */
export interface ManifestPart {
  value: unknown;
  /** `file:line:column` */
  where: string;
}

/** What a text holds, and what is wrong with it. */
export interface Parts {
  parts: ManifestPart[];
  problems: Problem[];
}

/** `Deployment web/api`, `Namespace dev`. */
export function titleOf({ object }: Pick<Manifest, 'object'>): string {
  const { name, namespace } = object.metadata;
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
