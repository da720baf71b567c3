// Pure: the order that Kubernetes itself asks for, found from what sets of objects offer, want and intercept.

import { builtinResources } from '../../../kube/resources.ts';
import type { LabelSelector } from '../../../kube/watch/workload.ts';
import type { CreatedFact, Webhook } from './fact.ts';
import type { Facts } from './facts.ts';

/** A step, or two, that make a set of objects. */
export interface ReleasePart {
  /** For messages: the name of a service, or of a step. */
  name: string;
  /** The step that ends when its objects are made. */
  made: string;
  /** The step that ends when they do their work. */
  ready: string;
  facts: Facts;
  /** Whether it waits for what its objects want. */
  waits: boolean;
}

export interface ImpliedEdge {
  /** The step that waits. */
  step: string;
  /** The step that it waits for. */
  needs: string;
  /** Like `Widget apps/one is of a definition of "operator"`. */
  why: string;
  /** It would have closed a cycle, so it is left out. */
  left?: boolean;
}

type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The edges that are missing between the parts, those first that nothing works without.
 * @param graph the needs of all steps, as far as they are known; edges that they imply already are not given
 */
export function impliedEdges(parts: readonly ReleasePart[], graph: Graph): ImpliedEdge[] {
  const needs = new Map([...graph].map(([step, list]) => [step, [...list]]));
  const edges: ImpliedEdge[] = [];
  const clusterWide = new Set(parts.flatMap(({ facts }) => facts.clusterWide));
  for (const edge of [...wantEdges(parts, clusterWide), ...webhookEdges(parts, clusterWide)]) {
    if (edges.some((known) => known.step === edge.step && known.needs === edge.needs)) continue;
    if (reaches(needs, edge.step, edge.needs)) continue;
    if (reaches(needs, edge.needs, edge.step)) {
      edges.push({ ...edge, left: true });
      continue;
    }
    needs.set(edge.step, [...(needs.get(edge.step) ?? []), edge.needs]);
    edges.push(edge);
  }
  return edges;
}

function wantEdges(parts: readonly ReleasePart[], clusterWide: ReadonlySet<string>): ImpliedEdge[] {
  const owners = new Map<string, ReleasePart>();
  for (const part of parts) for (const key of part.facts.offers) if (!owners.has(key)) owners.set(key, part);
  return parts.flatMap((part) =>
    (part.waits ? part.facts.wants : []).flatMap(({ key, by }): ImpliedEdge[] => {
      const owner = owners.get(key);
      if (!owner || owner === part) return [];
      const [kind = '', name = ''] = key.split('|');
      const why =
        kind === 'definition'
          ? `${clusterWide.has(name) ? unplaced(by) : by} is of a definition of "${owner.name}"`
          : `${by} needs the ${kind} ${name} of "${owner.name}"`;
      return [{ step: part.made, needs: owner.made, why }];
    }),
  );
}

/** Of an object of a kind that was not known yet it is only guessed that it belongs to a namespace. */
function unplaced(title: string): string {
  return title.replace(/ [^ /]+\//, ' ');
}

function placed(object: CreatedFact, clusterWide: ReadonlySet<string>): CreatedFact {
  if (!clusterWide.has(`${object.group}/${object.kind}`)) return object;
  return { ...object, namespace: undefined, title: unplaced(object.title) };
}

function webhookEdges(parts: readonly ReleasePart[], clusterWide: ReadonlySet<string>): ImpliedEdge[] {
  const plurals = Object.assign({}, ...parts.map(({ facts }) => facts.plurals)) as Record<string, string>;
  const labels = Object.assign({}, ...parts.map(({ facts }) => facts.namespaceLabels)) as Facts['namespaceLabels'];
  return parts.flatMap((owner) =>
    owner.facts.webhooks.flatMap((webhook) =>
      parts.flatMap((part): ImpliedEdge[] => {
        if (part === owner || !part.waits) return [];
        const objects = part.facts.made.map((one) => placed(one, clusterWide));
        const object = objects.find((one) => intercepts(webhook, one, plurals, labels));
        if (!object) return [];
        const why = `the webhook ${webhook.configuration} of "${owner.name}" intercepts ${object.title}`;
        return [{ step: part.made, needs: owner.ready, why }];
      }),
    ),
  );
}

const builtinPlurals = new Map(
  [...builtinResources].map(([key, { plural }]) => {
    const [apiVersion = '', kind = ''] = key.split(' ');
    return [`${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}`, plural];
  }),
);

function intercepts(
  { rules, namespaceSelector, objectSelector }: Webhook,
  { group, kind, namespace, labels }: CreatedFact,
  plurals: Readonly<Record<string, string>>,
  namespaceLabels: Facts['namespaceLabels'],
): boolean {
  const plural = plurals[`${group}/${kind}`] ?? builtinPlurals.get(`${group}/${kind}`);
  const matches = rules.some(
    ({ groups, resources }) =>
      (groups.includes('*') || groups.includes(group)) &&
      resources.some((one) => one === '*' || one === '*/*' || one === plural),
  );
  if (!matches || !selects(objectSelector, labels)) return false;
  if (namespace === undefined) return true;
  return selects(namespaceSelector, { ...namespaceLabels[namespace], 'kubernetes.io/metadata.name': namespace });
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return true;
      }
    })
  );
}

/** Whether a step waits for another one, directly or through others. */
function reaches(needs: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const work = [from];
  for (let step = work.pop(); step !== undefined; step = work.pop()) {
    if (step === to) return true;
    if (seen.has(step)) continue;
    seen.add(step);
    work.push(...(needs.get(step) ?? []));
  }
  return false;
}
