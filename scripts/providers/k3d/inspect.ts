// What there is of a cluster, compared with what is asked for; changes nothing.

import { type Container, inspectContainer, listContainers } from '../../docker/containers.ts';
import type { DockerClient } from '../../docker/client.ts';
import type { Situation } from '../provider.ts';
import { differencesOf, fingerprint, type Identity, PLAN_LABEL } from './plan/identity.ts';
import { clusterLabels, isK3sNode, roleOf } from './nodes/labels.ts';
import { keepsDying } from './nodes/memory.ts';
import { type K3dLayout, readK3dState } from './state.ts';

/** Why a cluster that is the right one has to be recreated: distinguished from one that only has to be started. */
export const HALF_MADE = 'its creation was not finished';

/** @param wanted what it should be made from; where not given, it is right as it is. */
export async function inspectCluster(
  engine: DockerClient,
  name: string,
  wanted: Identity | undefined,
  layout: K3dLayout,
): Promise<Situation> {
  const [containers, state] = await Promise.all([listContainers(engine, clusterLabels(name)), readK3dState(layout)]);
  const nodes = containers.filter(isK3sNode);
  if (nodes.length === 0) {
    return containers.length === 0 ? { kind: 'absent' } : { kind: 'damaged', reasons: [HALF_MADE] };
  }
  const made = nodes.map(({ labels }) => labels[PLAN_LABEL]);
  if (wanted !== undefined && made.some((label) => label !== fingerprint(wanted))) {
    return { kind: 'different', differences: differences(made[0], state?.identity, wanted) };
  }
  if (state?.finished === false || nodes.some(({ state: is }) => is === 'created')) {
    return { kind: 'damaged', reasons: [HALF_MADE] };
  }
  if (state?.restoring !== undefined) {
    return { kind: 'damaged', reasons: [`the snapshot "${state.restoring}" was not restored to its end`] };
  }
  const gone = missingNodes(nodes, wanted ?? state?.identity);
  if (gone.length > 0) return { kind: 'different', differences: gone };
  const stopped = containers.filter(({ state: is }) => is !== 'running');
  if (stopped.length > 0) {
    return { kind: 'damaged', reasons: stopped.map(({ name: node, state: is }) => `${node} is ${is}`) };
  }
  const details = await Promise.all(nodes.map(({ id }) => inspectContainer(engine, id)));
  const dying = nodes.filter((_, i) => details[i] && keepsDying(details[i]));
  if (dying.length === 0) return { kind: 'same' };
  return { kind: 'damaged', reasons: dying.map(({ name: node }) => `${node} is killed for want of memory`) };
}

function differences(
  label: string | undefined,
  known: Identity | undefined,
  wanted: Identity,
): (Situation & { kind: 'different' })['differences'] {
  if (label === undefined) return [{ what: 'made by', have: 'k3d alone', want: 'hoist' }];
  const found = known === undefined ? [] : differencesOf(known, wanted);
  if (found.length > 0) return found;
  return [{ what: 'plan', have: `${label}, of which nothing is known here`, want: fingerprint(wanted) }];
}

function missingNodes(
  nodes: readonly Container[],
  wanted: Identity | undefined,
): (Situation & { kind: 'different' })['differences'] {
  if (wanted === undefined) return [];
  return (['server', 'agent'] as const).flatMap((role) => {
    const have = String(nodes.filter((node) => roleOf(node) === role).length);
    const want = wanted[`${role}s`] ?? '0';
    return have === want ? [] : [{ what: `${role} nodes`, have, want }];
  });
}
