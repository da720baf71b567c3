// Adds the Secrets that a set maps from the hub to what it holds.

import { createHash } from 'node:crypto';
import type { Fleet } from '../sources/source.ts';
import type { SecretMapping } from '../sets/types.ts';
import type { SourceSecret } from '../targets/types.ts';
import { type Item, makeItem } from './item.ts';
import type { Rendered } from './render.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Makes the same set again only where a Secret has changed. */
export class Mapper {
  readonly #kept = new WeakMap<Rendered, { digest: string; completed: Rendered }>();

  /** @throws where the hub does not answer */
  async complete(rendered: Rendered, fleet: Pick<Fleet, 'secret'>): Promise<Rendered> {
    const sources: (SourceSecret | undefined)[] = [];
    for (const { sourceRef } of rendered.mappings) {
      sources.push(await fleet.secret(sourceRef.namespace ?? 'default', sourceRef.name));
    }
    const digest = createHash('sha256').update(JSON.stringify(sources)).digest('base64url');
    const kept = this.#kept.get(rendered);
    if (kept?.digest === digest) return kept.completed;
    const completed = withSecrets(rendered, sources);
    this.#kept.set(rendered, { digest, completed });
    return completed;
  }
}

function withSecrets(rendered: Rendered, sources: readonly (SourceSecret | undefined)[]): Rendered {
  const items: Item[] = [];
  for (const [at, mapping] of rendered.mappings.entries()) {
    const source = sources[at];
    if (source === undefined) {
      const { namespace = '', name } = mapping.sourceRef;
      const mappingProblem = `secretMappings[${at}]: Secret ${namespace}/${name} does not exist`;
      return { ...rendered, items: [...rendered.items, ...items], mappingProblem };
    }
    items.push(copyOf(source, mapping, rendered));
  }
  return { ...rendered, items: [...rendered.items, ...items] };
}

/** Labels and annotations go along, the rest of the metadata is of the hub. */
function copyOf(source: SourceSecret, { sourceRef, targetRef }: SecretMapping, { id, set }: Rendered): Item {
  const annotations = { ...source.annotations };
  Reflect.deleteProperty(annotations, LAST_APPLIED);
  const object = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: targetRef.name,
      namespace: targetRef.namespace ?? sourceRef.namespace ?? 'default',
      labels: source.labels ?? {},
      annotations,
    },
    ...(source.type === undefined ? {} : { type: source.type }),
    data: source.data ?? {},
  };
  return makeItem(object, { behavior: set.behavior, owners: set.mode === 'Sync' ? [id] : [], recreate: false });
}
