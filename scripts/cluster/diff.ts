// What the live cluster differs in from what `up` would make of it: the cluster itself, objects, releases. Nothing is written.

import { HIDDEN } from '../base/redact/redactor.ts';
import { redact } from '../base/redact/value.ts';
import { type TreeDifference, treeDifferences } from '../base/tree-diff.ts';
import { UsageError } from '../base/errors.ts';
import { type KubeClient, connect } from '../kube/client/client.ts';
import { type Preview, preview } from '../kube/apply/preview.ts';
import { readConnection } from '../kube/kubeconfig/read.ts';
import { type Manifest, titleOf } from '../kube/manifests/manifest.ts';
import type { KubeObject } from '../kube/object.ts';
import type { ClusterDifference, Situation } from '../providers/provider.ts';
import { renderedObjects } from '../services/helm/implied/documents.ts';
import { chartDifferences } from '../services/helm/releases/chart-drift.ts';
import { type ReleaseRecord, readReleaseRecord } from '../services/helm/releases/installed.ts';
import { type ReleaseState, listReleases } from '../services/helm/releases/releases.ts';
import type { Service } from '../services/helm/service.ts';
import { appliedManifests } from '../services/service-steps.ts';
import type { ClusterContext } from '../context.ts';
import { clusterNames } from './down.ts';
import { noSuchCluster } from './find.ts';
import type { Prepared } from './prepare-cluster.ts';

export interface ObjectDrift {
  /** Like `ConfigMap one/web`. */
  title: string;
  /** Where it stands in a file, or the release that it is of. */
  where: string;
  /** `missing`: `up` would make it; `refused`: the server takes nothing of what `up` would apply. */
  kind: 'missing' | 'changed' | 'refused';
  /** `have` is live, `want` what `up` would make of it. */
  changes: readonly TreeDifference[];
  reason?: string | undefined;
}

export interface ReleaseDrift {
  name: string;
  namespace: string;
  kind: 'missing' | 'changed';
  changes: readonly TreeDifference[];
}

export interface Drift {
  /** Of the cluster itself. */
  cluster: readonly ClusterDifference[];
  objects: readonly ObjectDrift[];
  releases: readonly ReleaseDrift[];
  /** How many objects and releases were compared. */
  compared: { objects: number; releases: number };
}

export function isDrift({ cluster, objects, releases }: Drift): boolean {
  return cluster.length + objects.length + releases.length > 0;
}

/** @throws UsageError where there is no such cluster, or its API does not answer. */
export async function diff(prepared: Prepared, signal: AbortSignal, wiring: ClusterContext): Promise<Drift> {
  const { plan } = prepared;
  const provider = await wiring.provider(plan.cluster.provider);
  const situation = await (await provider.prepare(plan.cluster)).inspect();
  if (situation.kind === 'absent') throw noSuchCluster([plan.cluster.name], await clusterNames(wiring));
  if (situation.kind === 'damaged') throw notRunning(plan.cluster.name, situation);
  const paths = [provider.kubeconfigFile(plan.cluster.name)];
  const { connection } = await readConnection({ paths, exec: wiring.exec });
  const client = connect(connection);
  try {
    const manifests = appliedManifests({
      namespaces: plan.namespaces,
      secrets: prepared.secrets.secrets,
      clusterResources: prepared.clusterResources,
      namespaceResources: prepared.namespaceResources,
      manifests: prepared.manifests,
      withoutWebhooks: prepared.withoutWebhooks,
    });
    const onConflict = prepared.loaded.settings.onConflict;
    const [previews, releases] = await Promise.all([
      preview(client, manifests, { onConflict, signal }),
      releaseDrift(client, prepared.services.list, signal),
    ]);
    return withoutSecrets({
      cluster: situation.kind === 'different' ? situation.differences : [],
      objects: [...previews.flatMap((one) => driftOf(one, one.manifest.where)), ...releases.objects],
      releases: releases.releases,
      compared: { objects: manifests.length + releases.compared, releases: prepared.services.list.length },
    });
  } finally {
    client.close();
  }
}

function driftOf({ manifest, live, next, refused }: Preview, where: string): ObjectDrift[] {
  const base = { title: titleOf(manifest), where };
  if (!live) return [{ ...base, kind: 'missing', changes: [] }];
  if (!next) return [{ ...base, kind: 'refused', changes: [], reason: refused }];
  const changes = treeDifferences(comparable(live), comparable(next)).map((one) => masked(one, live.kind));
  return changes.length === 0 ? [] : [{ ...base, kind: 'changed', changes }];
}

/** Without what the server keeps for itself, and what no apply sets. */
function comparable(object: KubeObject): Record<string, unknown> {
  const { metadata, ...rest } = object as KubeObject & Record<string, unknown>;
  const kept = Object.entries(metadata).filter(
    ([key]) => !['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp'].includes(key),
  );
  const content = Object.entries(rest).filter(([key]) => key !== 'status');
  return { ...Object.fromEntries(content), metadata: Object.fromEntries(kept) };
}

/** Of secrets only that they differ. */
function masked(change: TreeDifference, kind: string | undefined): TreeDifference {
  return kind === 'Secret' && /^(data|stringData)\b/.test(change.path) ? hidden(change) : change;
}

function hidden({ path, have, want }: TreeDifference): HiddenDifference {
  const hide = (value: unknown): unknown => (value === undefined ? undefined : HIDDEN);
  return { path, have: hide(have), want: hide(want), was: [...textsOf(have), ...textsOf(want)] };
}

/** `was`: the texts that stand there, which are hidden wherever else they stand. */
interface HiddenDifference extends TreeDifference {
  was?: readonly string[];
}

/** Shorter texts would hide what is no secret. */
const SECRET_MIN = 6;

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value, Buffer.from(value, 'base64').toString('utf8')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** A chart may have copied a secret that is hidden at its own place: one that has been changed since is known by that place alone. */
function withoutSecrets(drift: Drift): Drift {
  const all: HiddenDifference[] = [...drift.objects, ...drift.releases].flatMap(({ changes }) => changes);
  const secrets = all.flatMap(({ was = [] }) => was).filter((text) => text.length >= SECRET_MIN);
  const shown = ({ path, have, want }: TreeDifference): TreeDifference => ({
    path,
    ...redact({ have, want }, secrets),
  });
  return {
    ...drift,
    objects: drift.objects.map((one) => ({ ...one, changes: one.changes.map(shown) })),
    releases: drift.releases.map((one) => ({ ...one, changes: one.changes.map(shown) })),
  };
}

interface Releases {
  releases: ReleaseDrift[];
  /** Objects of releases that were changed by hand. */
  objects: ObjectDrift[];
  compared: number;
}

async function releaseDrift(client: KubeClient, services: readonly Service[], signal: AbortSignal): Promise<Releases> {
  if (services.length === 0) return { releases: [], objects: [], compared: 0 };
  const states = await listReleases(client, signal);
  const all = await Promise.all(
    services.map((service) => oneRelease(client, service, states.get(`${service.namespace}/${service.name}`), signal)),
  );
  return {
    releases: all.flatMap(({ releases }) => releases),
    objects: all.flatMap(({ objects }) => objects),
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
  };
}

async function oneRelease(
  client: KubeClient,
  service: Service,
  state: ReleaseState | undefined,
  signal: AbortSignal,
): Promise<Releases> {
  const { name, namespace } = service;
  if (!state) return { releases: [{ name, namespace, kind: 'missing', changes: [] }], objects: [], compared: 0 };
  const record = await readReleaseRecord(client, { name, namespace, revision: state.revision }, signal);
  const objects = await renderedObjects(record.manifest ?? '');
  const manifests = objects.map((object): Manifest => ({
    object: inNamespace(object, namespace),
    where: `release ${name}`,
  }));
  // Fields that helm has written are owned by helm: another owner of the same value is asked for, and changes by people show.
  const previews = await preview(client, manifests, { fieldManager: 'hoist-diff', onConflict: 'decide', signal });
  const changes = [
    ...treeDifferences({ status: state.status }, { status: 'deployed' }),
    ...(await chartDifferences(service, state, record)),
    ...valueDifferences(service, record),
  ];
  return {
    releases: changes.length === 0 ? [] : [{ name, namespace, kind: 'changed', changes }],
    objects: previews.flatMap((one) => driftOf(one, one.manifest.where)),
    compared: manifests.length,
  };
}

/** Values that the settings take from secrets are hidden, what stands in their places on the cluster too. */
function valueDifferences({ values }: Service, { config }: ReleaseRecord): TreeDifference[] {
  const isSecret = (value: unknown): boolean =>
    values.secrets.some((secret) => JSON.stringify(value ?? null).includes(JSON.stringify(secret).slice(1, -1)));
  return treeDifferences(config ?? {}, JSON.parse(values.text), 'values').map((one) =>
    isSecret(one.want) ? hidden(one) : one,
  );
}

/** Helm puts what names no namespace into that of the release; what has none loses it on the way to the server. */
function inNamespace(object: Manifest['object'], namespace: string): Manifest['object'] {
  if ((object.metadata.namespace ?? '') !== '') return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function notRunning(name: string, { reasons }: Situation & { kind: 'damaged' }): UsageError {
  return new UsageError(`cluster "${name}" cannot be compared: ${reasons.join(', ')}`, {
    hint: `\`hoist start ${name}\` starts it.`,
  });
}
