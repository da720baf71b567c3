// Brings a cluster up: plan, lock, one run of the engine, record.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RunRecord, Subscriber } from '../engine/event.ts';
import { runSteps } from '../engine/run.ts';
import type { Step } from '../engine/step.ts';
import { UsageError } from '../errors.ts';
import { describeHolder, withLock } from '../host/lock.ts';
import { mergeContext, userKubeconfig } from '../kube/kubeconfig.ts';
import { type Access, type Provider, type Situation, contextName, createAccess } from '../providers/provider.ts';
import { helmSteps } from '../services/helm/steps.ts';
import { serviceSteps } from '../services/steps.ts';
import type { Wiring } from '../wiring.ts';
import type { Prepared } from './prepare.ts';

export interface UpOptions {
  recreate: boolean;
  signal: AbortSignal;
  subscribers: readonly Subscriber[];
  /** One line for the user, before the run starts. */
  say: (line: string) => void;
}

export interface UpResult {
  run: RunRecord;
  situation: Situation;
  /** How many objects were created, configured or left unchanged. */
  objects: Readonly<Record<string, number>>;
  server: string;
  context: string;
  kubeconfig: string;
}

/** Runs with the same hash do the same work: the plan, and all that is applied. */
export function planHash(prepared: Prepared): string {
  const { plan, clusterResources, namespaceResources, manifests } = prepared;
  const { cluster, namespaces, secrets, pools } = plan;
  // The name says nothing about the work.
  const nodes = cluster.nodes.map(({ role, cpus, memoryBytes }) => ({ role, cpus, memoryBytes }));
  const objects = [clusterResources, namespaceResources, manifests].map((list) => list.map((m) => m.object));
  const work = { ...cluster, name: '', nodes, namespaces, secrets, pools, objects };
  return createHash('sha256').update(JSON.stringify(work)).digest('hex').slice(0, 12);
}

/** @throws StepsFailedError and what else `runSteps` throws; UsageError where a different cluster is in the way. */
export async function up(prepared: Prepared, options: UpOptions, wiring: Wiring): Promise<UpResult> {
  const { plan } = prepared;
  const lock = join(wiring.stateHome, 'locks', `${plan.cluster.name}.lock`);
  const onWait = (holder: Parameters<typeof describeHolder>[0]): void =>
    options.say(`waiting: another run is at work on "${plan.cluster.name}" (${describeHolder(holder)})`);
  return withLock(lock, { signal: options.signal, onWait }, async () => {
    const provider = await wiring.provider(plan.cluster.provider);
    const situation = await provider.inspect(plan.cluster);
    if (situation.kind === 'different' && !options.recreate) throw different(plan.cluster.name, situation);
    const access = createAccess();
    try {
      const objects: Record<string, number> = {};
      const steps = await allSteps(prepared, provider, situation, access, objects, wiring);
      const run = await runSteps(steps, {
        pools: plan.pools,
        signal: options.signal,
        timeoutMs: plan.timeoutMs,
        subscribers: options.subscribers,
        clock: wiring.clock,
      });
      const { name } = plan.cluster;
      return {
        run,
        situation,
        objects,
        server: access.client().server,
        context: contextName(name),
        kubeconfig: provider.kubeconfigFile(name),
      };
    } finally {
      access.close();
    }
  });
}

/** The steps of `up`, in the order in which the plan shows them. */
export async function allSteps(
  prepared: Prepared,
  provider: Provider,
  situation: Situation,
  access: Access,
  objects: Record<string, number>,
  wiring: Pick<Wiring, 'env' | 'cwd' | 'exec' | 'tools'>,
): Promise<Step[]> {
  const { plan, loaded, secrets } = prepared;
  const { healthTimeoutMs } = plan;
  const cluster = await provider.steps(plan.cluster, { access, situation, healthTimeoutMs });
  const services = serviceSteps({
    client: () => access.client(),
    namespaces: plan.namespaces,
    secrets: secrets.secrets,
    clusterResources: prepared.clusterResources,
    namespaceResources: prepared.namespaceResources,
    manifests: prepared.manifests,
    healthTimeoutMs,
    onResult({ outcome }) {
      objects[outcome] = (objects[outcome] ?? 0) + 1;
    },
  });
  const releases = await helmSteps({
    services: prepared.services,
    namespaces: plan.namespaces,
    client: () => access.client(),
    cluster: plan.cluster.name,
    kubeconfig: provider.kubeconfigFile(plan.cluster.name),
    exec: wiring.exec,
    tools: wiring.tools,
  });
  const merge: Step = {
    name: 'kubeconfig/merge',
    needs: ['kubeconfig'],
    // The cluster is of use without it, through its own file.
    optional: true,
    async run() {
      const { server, ca = '', token, clientCertificate, clientKey } = access.connection();
      const name = contextName(plan.cluster.name);
      const path = userKubeconfig(wiring.env, loaded.settings.kubeconfig);
      const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
      const base64 = (pem: string | undefined): string => Buffer.from(pem ?? '').toString('base64');
      const certificate = {
        'client-certificate-data': base64(clientCertificate),
        'client-key-data': base64(clientKey),
      };
      const user = token === undefined ? certificate : { token };
      await mergeContext(path, { name, cluster, user, setCurrent: true });
    },
  };
  return [...cluster, ...(loaded.settings.mergeKubeconfig ? [merge] : []), ...services, ...releases];
}

function different(name: string, { differences }: Situation & { kind: 'different' }): UsageError {
  const lines = differences.map((d) => `  ${d.what}: is ${d.have}, would be ${d.want}`);
  return new UsageError(`cluster "${name}" is there, but differs from the plan:\n${lines.join('\n')}`, {
    hint: '`--recreate` removes it with all its data and makes it anew; without it, give the settings it was made with.',
  });
}
