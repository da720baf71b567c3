// Pure: all sets of objects of a run, seen as parts that may need each other.

import type { Manifest } from '../../../kube/manifests/manifest.ts';
import type { Key } from './fact.ts';
import { type Facts, factsOf } from './facts.ts';
import type { ReleasePart } from './implied.ts';
import { type Service, readyStep, releaseStep } from '../service.ts';

/** What the run makes beside services. */
export interface ExistingObjects {
  namespaces: readonly string[];
  /** Applied once, by the step `resources`. */
  clusterResources: readonly Manifest[];
  /** Applied in each namespace, by steps `resources/NAMESPACE`. */
  namespaceResources: readonly Manifest[];
  /** The user's, applied by the step `manifests`. */
  manifests: readonly Manifest[];
  /** Made in their namespaces, or in each, by steps `secrets/NAMESPACE`. */
  secrets: readonly { name: string; namespaces: readonly string[] | undefined }[];
}

const NOTHING = factsOf([], '');

/** The user's manifests wait for what they want; all else of the surroundings is only waited for. */
export function surroundingParts(around: ExistingObjects): ReleasePart[] {
  const { namespaces, manifests, clusterResources, namespaceResources, secrets } = around;
  const part = (step: string, facts: Facts, waits = false): ReleasePart[] =>
    facts === NOTHING ? [] : [{ name: step, made: step, ready: step, facts, waits }];
  const offering = (offers: readonly Key[]): Facts => (offers.length === 0 ? NOTHING : { ...NOTHING, offers });
  const ofManifests = (list: readonly Manifest[], namespace: string): Facts =>
    list.length === 0
      ? NOTHING
      : factsOf(
          list.map(({ object }) => object),
          namespace,
        );
  return [
    ...namespaces.flatMap((name) => part(`namespace/${name}`, offering([`namespace|${name}`]))),
    ...namespaces.flatMap((name) => [
      ...part(
        `secrets/${name}`,
        offering(
          secrets
            .filter((one) => one.namespaces?.includes(name) ?? true)
            .map((one): Key => `secret|${name}/${one.name}`),
        ),
      ),
      ...part(`resources/${name}`, ofManifests(namespaceResources, name)),
    ]),
    ...part('resources', ofManifests(clusterResources, 'default')),
    ...part('manifests', ofManifests(manifests, 'default'), true),
  ];
}

export function serviceParts(services: readonly Service[], facts: ReadonlyMap<string, Facts>): ReleasePart[] {
  return services.flatMap(({ name, implied }) => {
    const known = facts.get(name);
    return known ? [{ name, made: releaseStep(name), ready: readyStep(name), facts: known, waits: implied }] : [];
  });
}
