// The steps that fill a cluster: namespaces, secrets, core resources, users' manifests, and their health.

import type { Step, StepContext } from '../engine/step.ts';
import { type ApplyResult, apply } from '../kube/apply/apply.ts';
import type { KubeClient } from '../kube/client/client.ts';
import { assertHealthy, checkHealth, waitApiReady } from '../kube/watch/health.ts';
import type { ConflictPolicy, OwnedField } from '../kube/apply/conflicts.ts';
import { type Manifest, titleOf } from '../kube/manifests/manifest.ts';
import type { ObjectRef } from '../kube/object.ts';
import { waitServiceAccounts } from '../kube/watch/wait.ts';
import { waitWorkloads, workloadsAmong } from '../kube/watch/wait-workloads.ts';
import { type ResolvedSecret, secretManifest } from './secrets.ts';

export interface ServiceInputs {
  client: () => KubeClient;
  namespaces: readonly string[];
  secrets: readonly ResolvedSecret[];
  /** Applied once. */
  clusterResources: readonly Manifest[];
  /** Applied in every namespace. */
  namespaceResources: readonly Manifest[];
  manifests: readonly Manifest[];
  healthTimeoutMs: number;
  /** Whether webhook configurations stay out of the cluster, where none could answer. */
  withoutWebhooks?: boolean;
  /** What becomes of fields that others have changed. */
  onConflict?: ConflictPolicy;
  /** Told what became of each applied object. */
  onResult: (result: ApplyResult) => void;
}

/**
 * Whatever waits with a deadline needs `nodes`: before there are some that can run pods, and controllers that make
 * accounts, its time would pass for nothing.
 */
export function serviceSteps(inputs: ServiceInputs): Step[] {
  const { client, namespaces, onResult, healthTimeoutMs } = inputs;
  const applied: Manifest[] = [];
  const applyAll = async (all: readonly Manifest[], context: StepContext): Promise<void> => {
    const manifests = inputs.withoutWebhooks === true ? all.filter((one) => !isClusterWebhook(one)) : all;
    const leftOut = all.length - manifests.length;
    if (leftOut > 0)
      context.note(
        `${leftOut} webhook configuration${leftOut === 1 ? '' : 's'} left out, which no simulated pod answers`,
      );
    const { signal, note, progress } = context;
    let done = 0;
    const total = manifests.length;
    const results = await apply(client(), manifests, {
      signal,
      ...(inputs.onConflict === undefined ? {} : { onConflict: inputs.onConflict }),
      patienceMs: healthTimeoutMs,
      onResult(result) {
        onResult(result);
        progress({ done: ++done, total, unit: 'items' });
      },
    });
    applied.push(...manifests);
    reportConflicts(results, context);
    const unchanged = results.filter((r) => r.outcome === 'unchanged').length;
    if (unchanged === total) note('unchanged');
  };
  const step = (name: string, needs: readonly string[], manifests: readonly Manifest[]): Step[] => {
    if (manifests.length === 0) return [];
    // A pod is refused until a controller has made the account it runs as; nodes tell that all controllers run.
    const pods = manifests.some(({ object }) => object.kind === 'Pod') ? ['nodes'] : [];
    return [{ name, needs: [...needs, ...pods], run: (context) => applyAll(manifests, context) }];
  };

  const namespaceSteps = namespaces.flatMap((name) => step(`namespace/${name}`, ['api'], [namespaceManifest(name)]));
  const contentSteps = namespaces.flatMap((name) => {
    const secrets = inputs.secrets.filter((s) => s.namespaces?.includes(name) ?? true);
    return [
      ...step(
        `secrets/${name}`,
        [`namespace/${name}`],
        secrets.map((s) => secretManifest(s, name)),
      ),
      ...step(
        `resources/${name}`,
        [`namespace/${name}`],
        inputs.namespaceResources.map((m) => inNamespace(m, name)),
      ),
    ];
  });
  const resources = step('resources', ['api'], inputs.clusterResources);
  const manifests = step('manifests', ['api', ...namespaceSteps.map((s) => s.name)], inputs.manifests);
  const applying = [...namespaceSteps, ...contentSteps, ...resources, ...manifests];

  const health: Step[] = [
    {
      name: 'health/api',
      needs: ['api'],
      async run({ signal }) {
        await waitApiReady(client(), { timeoutMs: healthTimeoutMs, signal });
        assertHealthy(await checkHealth(client(), signal));
      },
    },
    {
      name: 'health/service-accounts',
      needs: ['nodes', ...namespaceSteps.map((s) => s.name)],
      run: ({ signal, progress }) =>
        waitServiceAccounts(client(), ['default', ...namespaces], {
          timeoutMs: healthTimeoutMs,
          signal,
          onProgress: progress,
        }),
    },
  ];
  const refs = (manifests: readonly Manifest[]): ObjectRef[] => workloadsAmong(manifests.map(refOf));
  if (refs([...inputs.clusterResources, ...inputs.namespaceResources, ...inputs.manifests]).length > 0) {
    health.push({
      name: 'health/workloads',
      needs: ['nodes', ...[...resources, ...contentSteps, ...manifests].map((s) => s.name)],
      run: ({ signal, progress }) =>
        waitWorkloads(client(), refs(applied), { timeoutMs: healthTimeoutMs, signal, onProgress: progress }),
    });
  }
  return [...applying, ...health];
}

/** One whose webhooks are served from within the cluster. */
function isClusterWebhook({ object }: Manifest): boolean {
  if (!/^(Mutating|Validating)WebhookConfiguration$/.test(object.kind)) return false;
  const webhooks = object['webhooks'] as readonly { clientConfig?: { service?: object } | null }[] | null | undefined;
  return webhooks?.some(({ clientConfig }) => clientConfig?.service !== undefined) === true;
}

/** What was set back is a warning each; what was left to others is told in one note. */
function reportConflicts(results: readonly ApplyResult[], { warn, note }: StepContext): void {
  for (const { manifest, taken } of results) {
    if (taken.length > 0) warn(`${titleOf(manifest)}: set back ${fieldsOf(taken)}`);
  }
  const left = results.filter((result) => result.left.length > 0);
  const told = left.map((result) => `${fieldsOf(result.left)} of ${titleOf(result.manifest)}`);
  if (told.length > 0) note(`left as they are: ${told.join(', ')}`);
}

/** `.spec.replicas (changed by kubectl-edit)` */
function fieldsOf(fields: readonly OwnedField[]): string {
  return fields.map(({ field, manager }) => `${field} (changed by ${manager})`).join(', ');
}

function namespaceManifest(name: string): Manifest {
  return { object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, where: 'namespaces' };
}

function inNamespace({ object, where }: Manifest, namespace: string): Manifest {
  return { object: { ...object, metadata: { ...object.metadata, namespace } }, where };
}

function refOf({ object: { apiVersion, kind, metadata } }: Manifest): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}
