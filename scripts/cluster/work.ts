// What a run will do to its cluster, as far as it is known before: for providers that must ask whether they may.

import type { Manifest } from '../kube/manifests/manifest.ts';
import type { ObjectRef } from '../kube/object.ts';
import type { Work } from '../providers/provider.ts';
import type { Prepared } from './prepare-cluster.ts';

export function workOf(prepared: Prepared): Work {
  const { namespaces } = prepared.plan;
  const secrets = prepared.secrets.secrets.flatMap((secret) =>
    (secret.namespaces ?? namespaces)
      .filter((namespace) => namespaces.includes(namespace))
      .map((namespace): ObjectRef => ({ apiVersion: 'v1', kind: 'Secret', namespace, name: secret.name })),
  );
  return {
    namespaces,
    objects: [
      ...namespaces.map((name): ObjectRef => ({ apiVersion: 'v1', kind: 'Namespace', name })),
      ...secrets,
      ...[...prepared.clusterResources, ...prepared.manifests].map((manifest) => refOf(manifest)),
      ...prepared.namespaceResources.flatMap((manifest) => namespaces.map((one) => refOf(manifest, one))),
    ],
    releaseNamespaces: [...new Set(prepared.services.list.map(({ namespace }) => namespace))],
  };
}

function refOf({ object: { apiVersion, kind, metadata } }: Manifest, namespace = metadata.namespace): ObjectRef {
  return { apiVersion, kind, namespace, name: metadata.name };
}
