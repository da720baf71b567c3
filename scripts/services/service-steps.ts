// The steps that fill a cluster: namespaces, secrets, core resources, users' manifests, and their health.

import { count } from '../base/units.ts';
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
  /** Called with the outcome of each applied object. */
  onResult: (result: ApplyResult) => void;
}

/**
 * Whatever waits with a deadline needs `nodes`: before there are some that can run pods, and controllers that make
 * accounts, its time would pass for nothing.
 */
export function serviceSteps(inputs: ServiceInputs): Step[] {
  const applied: Manifest[] = [];
  const namespaces = inputs.namespaces.flatMap((name) =>
    applyStep(inputs, applied, { name: `namespace/${name}`, needs: ['api'], manifests: [namespaceManifest(name)] }),
  );
  const contents = inputs.namespaces.flatMap((name) => contentSteps(inputs, applied, name));
  const resources = applyStep(inputs, applied, {
    name: 'resources',
    needs: ['api'],
    manifests: inputs.clusterResources,
  });
  const needs = ['api', ...namesOf(namespaces)];
  const manifests = applyStep(inputs, applied, { name: 'manifests', needs, manifests: inputs.manifests });
  return [
    ...namespaces,
    ...contents,
    ...resources,
    ...manifests,
    apiHealthStep(inputs),
    accountsStep(inputs, namesOf(namespaces)),
    ...workloadSteps(inputs, applied, namesOf([...resources, ...contents, ...manifests])),
  ];
}

const namesOf = (steps: readonly Step[]): string[] => steps.map(({ name }) => name);

interface Applying {
  name: string;
  needs: readonly string[];
  manifests: readonly Manifest[];
}

/** None where there is nothing to apply. @param applied gets what was. */
function applyStep(inputs: ServiceInputs, applied: Manifest[], { name, needs, manifests: all }: Applying): Step[] {
  if (all.length === 0) return [];
  const manifests = inputs.withoutWebhooks === true ? all.filter((one) => !isClusterWebhook(one)) : all;
  const leftOut = all.length - manifests.length;
  // A pod is refused until a controller has made the account it runs as; nodes show that all controllers run.
  const pods = manifests.some(({ object }) => object.kind === 'Pod') ? ['nodes'] : [];
  return [
    {
      name,
      needs: [...needs, ...pods],
      async run(context) {
        const { signal, note, progress } = context;
        if (leftOut > 0) note(`${count(leftOut, 'webhook configuration')} left out, which no simulated pod answers`);
        let done = 0;
        const total = manifests.length;
        const results = await apply(inputs.client(), manifests, {
          signal,
          ...(inputs.onConflict === undefined ? {} : { onConflict: inputs.onConflict }),
          patienceMs: inputs.healthTimeoutMs,
          onResult(result) {
            inputs.onResult(result);
            progress({ done: ++done, total, unit: 'items' });
          },
        });
        applied.push(...manifests);
        reportConflicts(results, context);
        const unchanged = results.filter((r) => r.outcome === 'unchanged').length;
        if (unchanged === total) note('unchanged');
      },
    },
  ];
}

type Content = Pick<
  ServiceInputs,
  'namespaces' | 'secrets' | 'clusterResources' | 'namespaceResources' | 'manifests' | 'withoutWebhooks'
>;

/** All that the steps apply. */
export function appliedManifests(inputs: Content): Manifest[] {
  const contents = inputs.namespaces.flatMap((name) => [...secretsOf(inputs, name), ...resourcesOf(inputs, name)]);
  const all = [
    ...inputs.namespaces.map(namespaceManifest),
    ...contents,
    ...inputs.clusterResources,
    ...inputs.manifests,
  ];
  return inputs.withoutWebhooks === true ? all.filter((one) => !isClusterWebhook(one)) : all;
}

function secretsOf({ secrets }: Pick<ServiceInputs, 'secrets'>, namespace: string): Manifest[] {
  return secrets
    .filter((secret) => secret.namespaces?.includes(namespace) ?? true)
    .map((secret) => secretManifest(secret, namespace));
}

function resourcesOf({ namespaceResources }: Pick<ServiceInputs, 'namespaceResources'>, namespace: string): Manifest[] {
  return namespaceResources.map((manifest) => inNamespace(manifest, namespace));
}

/** Secrets and resources of one namespace. */
function contentSteps(inputs: ServiceInputs, applied: Manifest[], namespace: string): Step[] {
  const needs = [`namespace/${namespace}`];
  const [secrets, resources] = [secretsOf(inputs, namespace), resourcesOf(inputs, namespace)];
  return [
    ...applyStep(inputs, applied, { name: `secrets/${namespace}`, needs, manifests: secrets }),
    ...applyStep(inputs, applied, { name: `resources/${namespace}`, needs, manifests: resources }),
  ];
}

function apiHealthStep({ client, healthTimeoutMs: timeoutMs }: ServiceInputs): Step {
  return {
    name: 'health/api',
    needs: ['api'],
    async run({ signal }) {
      await waitApiReady(client(), { timeoutMs, signal });
      assertHealthy(await checkHealth(client(), signal));
    },
  };
}

function accountsStep(
  { client, namespaces, healthTimeoutMs: timeoutMs }: ServiceInputs,
  namespaceSteps: readonly string[],
): Step {
  return {
    name: 'health/service-accounts',
    needs: ['nodes', ...namespaceSteps],
    run: ({ signal, progress: onProgress }) =>
      waitServiceAccounts(client(), ['default', ...namespaces], { timeoutMs, signal, onProgress }),
  };
}

/** None where nothing that is applied runs pods. */
function workloadSteps(inputs: ServiceInputs, applied: readonly Manifest[], needs: readonly string[]): Step[] {
  const { client, healthTimeoutMs: timeoutMs } = inputs;
  const refs = (manifests: readonly Manifest[]): ObjectRef[] => workloadsAmong(manifests.map(refOf));
  if (refs([...inputs.clusterResources, ...inputs.namespaceResources, ...inputs.manifests]).length === 0) return [];
  return [
    {
      name: 'health/workloads',
      needs: ['nodes', ...needs],
      run: ({ signal, progress: onProgress }) =>
        waitWorkloads(client(), refs(applied), { timeoutMs, signal, onProgress }),
    },
  ];
}

/** One whose webhooks are served from within the cluster. */
function isClusterWebhook({ object }: Manifest): boolean {
  if (!/^(Mutating|Validating)WebhookConfiguration$/.test(object.kind)) return false;
  const webhooks = object['webhooks'] as readonly { clientConfig?: { service?: object } | null }[] | null | undefined;
  return webhooks?.some(({ clientConfig }) => clientConfig?.service !== undefined) === true;
}

/** What was set back is a warning each; what was left to others is reported in one note. */
function reportConflicts(results: readonly ApplyResult[], { warn, note }: StepContext): void {
  for (const { manifest, taken } of results) {
    if (taken.length > 0) warn(`${titleOf(manifest)}: set back ${fieldsOf(taken)}`);
  }
  const left = results.filter((result) => result.left.length > 0);
  const kept = left.map((result) => `${fieldsOf(result.left)} of ${titleOf(result.manifest)}`);
  if (kept.length > 0) note(`left as they are: ${kept.join(', ')}`);
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
