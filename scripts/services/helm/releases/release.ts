// Releases one service through helm, or finds that nothing has changed.

import type { StepContext } from '../../../engine/step.ts';
import { ServicesError } from '../../../base/errors.ts';
import type { Command, Exec } from '../../../host/exec.ts';
import type { Environment } from '../../../host/paths.ts';
import type { KubeClient } from '../../../kube/client/client.ts';
import { waitEstablished } from '../../../kube/apply/established.ts';
import type { Settings } from '../../../settings/schema.ts';
import { type Target, rollbackCommand, showCrdsCommand, uninstallCommand, upgradeCommand } from '../helm-commands.ts';
import { absentDefinitions, createDefinitions, definitionsIn } from '../implied/crds.ts';
import type { Facts } from '../implied/facts.ts';
import { webhookFilter } from './left-out.ts';
import { runHelm } from '../helm.ts';
import { type HelmHome, helmEnvironment } from '../home.ts';
import { inputsOf } from '../inputs.ts';
import { INPUTS_LABEL, REVISION_LABEL, type ReleaseState } from './releases.ts';
import type { LocalChart, Service } from '../service.ts';

export interface ReleaseTools {
  client: KubeClient;
  home: HelmHome;
  env: Environment;
  exec: Exec;
  helm: () => Promise<string>;
  cluster: string;
  kubeconfig: string;
  stuck: Settings['helm']['stuck'];
}

export interface ReleaseInput {
  service: Service;
  chart: LocalChart;
  facts: Facts | undefined;
  /** The existing release; undefined where there is none. */
  state: ReleaseState | undefined;
  /** Makes the namespace, where that is for this release to do. */
  makeNamespace: (signal: AbortSignal) => Promise<void>;
}

/**
 * Resolves with the revision that is there in the end.
 * @throws HelmError with what helm said; ServicesError where the release is stuck
 */
export async function release(input: ReleaseInput, tools: ReleaseTools, context: StepContext): Promise<number> {
  const { service, chart, facts, state } = input;
  const inputs = inputsOf(service, chart);
  const defined = definedBy(facts);
  const absent = state === undefined ? [] : await absentDefinitions(tools.client, defined, context.signal);
  if (state?.status === 'deployed' && state.inputs === inputs && absent.length === 0) {
    context.note('unchanged');
    return state.revision;
  }
  await input.makeNamespace(context.signal);
  const run = runnerOf(service, tools, context);
  const target: Target = { release: service.name, namespace: service.namespace, kubeconfig: tools.kubeconfig };
  const before = await adoptRelease(state, target, { tools, run, context });
  // Helm makes them with the first revision only, even where that one has failed over them.
  const wanted = facts?.crdsFolder === true && (before === 0 || absent.length > 0);
  const documents = wanted ? definitionsIn(await run((helm) => showCrdsCommand(helm, chart.path))) : undefined;
  if (documents !== undefined) await createDefinitions(tools.client, documents, context.signal);
  const without = service.withoutWebhooks && (facts?.webhooks.length ?? 0) > 0;
  const postRenderer = without ? await webhookFilter(tools.home) : undefined;
  if (without) context.note('without its webhooks, which no simulated pod answers');
  const revision = before + 1;
  await run(
    (helm) =>
      upgradeCommand(helm, {
        ...target,
        chart: chart.path,
        labels: { [INPUTS_LABEL]: inputs, [REVISION_LABEL]: String(revision) },
        timeoutSeconds: Math.ceil(service.timeoutMs / 1000),
        skipCrds: documents !== undefined,
        postRenderer,
      }),
    service.values.text,
  );
  // Those who need the release need its definitions served.
  const waiting = { timeoutMs: service.timeoutMs, signal: context.signal };
  await Promise.all(defined.map((name) => waitEstablished(tools.client, name, waiting)));
  return revision;
}

type Run = (command: (helm: string) => Command, input?: string) => Promise<string>;

/** Runs helm for a service: its secrets are hidden, its warnings are those of the step. */
export function runnerOf({ values: { secrets } }: Service, tools: ReleaseTools, context: StepContext): Run {
  const { exec, home, env, cluster } = tools;
  return async (command, input) =>
    runHelm(exec, {
      command: command(await tools.helm()),
      env: helmEnvironment(home, env, cluster),
      secrets,
      signal: context.signal,
      onWarning: (line) => warnOf(line, context),
      ...(input === undefined ? {} : { input }),
    });
}

/** Helm logs the warnings of the API server in the form of its client library. */
function warnOf(line: string, context: StepContext): void {
  const quoted = /^[IW]\d{4} .*\] ("Warning: .*")$/.exec(line)?.[1];
  if (quoted === undefined) context.output(line);
  else context.warn(String(JSON.parse(quoted)).replace(/^Warning: /, ''));
}

/** The last revision, after a release that is stuck was dealt with as the settings say; 0 where there is none. */
async function adoptRelease(
  state: ReleaseState | undefined,
  target: Target,
  { tools, run, context }: { tools: ReleaseTools; run: Run; context: StepContext },
): Promise<number> {
  if (!state?.status.startsWith('pending-')) return state?.revision ?? 0;
  const { revision, status, since, lastGood } = state;
  const title = `the release "${target.release}" is stuck in ${status}, since ${since ?? 'an unknown time'}`;
  if (tools.stuck === 'fail') {
    const back = lastGood === undefined ? 'removes what it left' : `takes it back to revision ${lastGood}`;
    throw new ServicesError(`${title}: an earlier helm was interrupted, or is still running`, {
      hint: `If no helm is running: \`--stuck rollback\` ${back} and releases it again, \`--stuck continue\` resumes from the current state.`,
    });
  }
  if (tools.stuck === 'continue') {
    context.warn(`${title}; resumed from the current state`);
    const { release: name, namespace } = target;
    // Without its record of this revision helm finds the one before it, or none and adopts the objects of this one.
    const path = `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${revision}`;
    await tools.client.json({ method: 'DELETE', path, signal: context.signal });
    return revision - 1;
  }
  if (lastGood === undefined) {
    context.warn(`${title}; removed what was there of it`);
    await run((helm) => uninstallCommand(helm, target));
    return 0;
  }
  context.warn(`${title}; took it back to revision ${lastGood}`);
  await run((helm) => rollbackCommand(helm, target, lastGood));
  return revision + 1;
}

/** Names of the definitions that a chart makes, from its crds folder and from its templates. */
function definedBy(facts: Facts | undefined): string[] {
  return Object.entries(facts?.plurals ?? {}).map(([kind, plural]) => `${plural}.${kind.split('/')[0] ?? ''}`);
}
