// The definitions of custom resources in a bundle: which kinds there are beside the built-in ones.

import type { KubeObject } from '../../kube/object.ts';
import type { StoredKind } from './kinds.ts';

interface Spec {
  group?: unknown;
  scope?: unknown;
  names?: { plural?: unknown; kind?: unknown };
  /** Of v1beta1. */
  version?: unknown;
  versions?: unknown;
}

interface Version {
  name?: unknown;
  served?: unknown;
}

export class Definitions {
  readonly #byKind = new Map<string, StoredKind>();
  readonly #byName = new Map<string, StoredKind>();

  /** False where it lacks what it needs to define anything. */
  add(definition: KubeObject): boolean {
    const { group, scope, names, version, versions } = (definition as { spec?: Spec }).spec ?? {};
    const list = Array.isArray(versions) ? (versions as Version[]) : undefined;
    const served = list ? list.find((one) => (one as Version | null)?.served !== false)?.name : version;
    const parts = [group, scope, names?.plural, names?.kind, served];
    if (!parts.every((part): part is string => typeof part === 'string' && /^[\w.-]+$/.test(part))) return false;
    const [itsGroup = '', itsScope, plural = '', kind = '', itsVersion = ''] = parts;
    const stored = {
      kind,
      apiVersion: `${itsGroup}/${itsVersion}`,
      plural,
      namespaced: itsScope === 'Namespaced',
      prefix: `${itsGroup}/${plural}`,
    };
    this.#byKind.set(`${itsGroup}/${kind}`, stored);
    this.#byName.set(definition.metadata.name, stored);
    return true;
  }

  kindOf(apiVersion: string, kind: string): StoredKind | undefined {
    return this.#byKind.get(`${apiVersion.split('/')[0] ?? ''}/${kind}`);
  }

  /** By the definition's name, like `certificates.cert-manager.io`. */
  named(name: string): StoredKind | undefined {
    return this.#byName.get(name);
  }
}
