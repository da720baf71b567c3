// The inline values of services are helm's: `no`, `0644` and `1e3` mean there what they mean in a values file.

import { type Document, isMap, isNode, isSeq, visit } from 'yaml';
import { keyOf, resolvePlain } from '../kube/manifests/go-yaml.ts';

/** Gives plain scalars below `services[].values` helm's meaning. Returns what no JSON can hold, with its place. */
export function rereadValues(document: Document): { offset: number; message: string }[] {
  const services = isMap(document.contents) ? document.contents.get('services') : undefined;
  if (!isSeq(services)) return [];
  const problems: { offset: number; message: string }[] = [];
  for (const service of services.items) {
    const values = isMap(service) ? service.get('values', true) : undefined;
    if (!isNode(values)) continue;
    visit(values, {
      Scalar(key, node) {
        if (node.type !== 'PLAIN' || node.tag !== undefined || node.source === undefined) return;
        node.value = key === 'key' ? keyOf(node.source) : resolvePlain(node.source);
        if (typeof node.value === 'number' && !Number.isFinite(node.value)) {
          const message = `${node.source} is no number that JSON can hold; quote it`;
          problems.push({ offset: node.range?.[0] ?? 0, message });
        }
      },
    });
  }
  return problems;
}
