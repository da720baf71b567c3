// Finds the resource that a word means, as kubectl does: kind, plural, singular or short name, with or without its group.

import type { KubeClient } from '../../kube/client/client.ts';
import { type Resource, basePath } from '../../kube/resources.ts';

export interface Found {
  resource: Resource;
  kind: string;
}

interface DiscoveryList {
  items?: {
    metadata?: { name?: string };
    versions: {
      version: string;
      resources?: {
        resource: string;
        singularResource?: string;
        shortNames?: string[];
        scope: string;
        responseKind?: { kind: string };
      }[];
    }[];
  }[];
}

const ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

/** Undefined where the server has none: its definition may come yet. */
export async function findKind(client: KubeClient, word: string, signal: AbortSignal): Promise<Found | undefined> {
  const [name = '', ...rest] = word.trim().toLowerCase().split('.');
  const group = rest.join('.');
  const lists = await Promise.all(
    ['/api', '/apis'].map((path) => client.json<DiscoveryList>({ path, accept: ACCEPT, signal, attempts: 3 })),
  );
  for (const item of lists.flatMap(({ items = [] }) => items)) {
    const groupName = item.metadata?.name ?? '';
    for (const { version, resources = [] } of item.versions) {
      // `deployments.v1.apps` names the version too.
      if (
        group !== '' &&
        groupName !== group &&
        `${version}.${groupName}` !== group &&
        !groupName.startsWith(`${group}.`)
      )
        continue;
      const found = resources.find(({ resource, singularResource = '', shortNames = [], responseKind }) =>
        [resource, singularResource, responseKind?.kind.toLowerCase(), ...shortNames].includes(name),
      );
      if (found?.responseKind === undefined) continue;
      const base = basePath(groupName === '' ? version : `${groupName}/${version}`);
      return {
        resource: { base, plural: found.resource, namespaced: found.scope === 'Namespaced' },
        kind: found.responseKind.kind,
      };
    }
  }
  return undefined;
}
