// Splits what helm renders into objects; parses only those whose kinds are asked for, since charts may be megabytes long.

import type { Manifest } from '../../../kube/manifests/manifest.ts';
import { objectsOf, readText } from '../../../kube/manifests/manifests.ts';

/**
 * The objects of a rendered chart. What cannot be parsed is left out: the server, not we, says what it refuses.
 * @param kinds defaults to all kinds
 */
export async function renderedObjects(text: string, kinds?: (kind: string) => boolean): Promise<Manifest['object'][]> {
  const documents = text.split(/^---(?:[ \t].*)?$/m).filter((document) => {
    const kind = /^kind:\s*["']?(\w+)/m.exec(document)?.[1];
    return kind === undefined ? document.trim() !== '' : (kinds?.(kind) ?? true);
  });
  if (documents.length === 0) return [];
  const { parts } = await readText(documents.join('\n---\n'), 'rendered.yaml');
  const objects = parts.flatMap((part) => objectsOf(part, []).map(({ object }) => object));
  return kinds === undefined ? objects : objects.filter(({ kind }) => kinds(kind));
}
