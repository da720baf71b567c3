// A small support bundle that hoist makes for itself: the cluster's objects and the facts of this machine.

import type { ClusterContext } from '../../../context.ts';
import { analyze } from '../../../support/analyzers/analyze.ts';
import { accessOf } from '../../../support/cluster/reach.ts';
import { type BundleResult, makeBundle } from '../../../support/make-bundle.ts';
import { planOf } from '../../../support/plan/collect-plan.ts';
import { bundleRedactor } from '../../../support/redaction.ts';
import { mergeSpecs } from '../../../support/spec/merge.ts';
import { parseSpec } from '../../../support/spec/parse.ts';

export interface OwnBundle {
  file: string;
  /** Of the cluster; where not given, there is nothing in it of a cluster. */
  kubeconfig: string | undefined;
  /** Folder whose disk is looked at. */
  stateHome: string;
  secrets: readonly string[];
  extra: readonly { path: string; content: Buffer }[];
  /** ms for all collectors together. */
  timeoutMs: number;
}

/** Never more than the spec of troubleshoot.sh can say, so that its tools read it. */
function specOf({ kubeconfig, stateHome }: OwnBundle): string {
  const cluster = kubeconfig === undefined ? '' : '  collectors: [{clusterInfo: {}}, {clusterResources: {}}]\n';
  const host = ['cpu', 'memory', 'hostOS', 'ipv4Interfaces', 'cgroups'].map((kind) => `    - ${kind}: {}\n`).join('');
  const disk = `    - diskUsage: {collectorName: state, path: ${JSON.stringify(stateHome)}}\n`;
  return `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nspec:\n${cluster}  hostCollectors:\n${host}${disk}`;
}

export async function makeOwnBundle(
  own: OwnBundle,
  { context, signal }: { context: ClusterContext; signal: AbortSignal },
): Promise<BundleResult> {
  const { kubeconfig, timeoutMs } = own;
  const { spec } = mergeSpecs(parseSpec({ name: 'hoist', text: specOf(own) }).documents, 'collect');
  const { env, exec, clock, now } = context;
  return makeBundle({
    plan: planOf(spec, { namespace: '', timeoutMs }),
    analyzers: [],
    file: own.file,
    access: () => accessOf({ env, exec, kubeconfig }),
    only: undefined,
    redactor: bundleRedactor([], { tokenize: false, values: own.secrets }),
    analyze: (analyzers, bundle, failures) => analyze(analyzers, bundle, { failures, nowMs: now().getTime() }),
    host: { exec, env, root: '/' },
    clock,
    now,
    random: Math.random,
    concurrency: 4,
    timeoutMs,
    signal,
    subscribers: [],
    extra: own.extra,
  });
}
