// Writes the benchmark record of a run, however it ended.

import type { RunRecord, Subscriber } from '../engine/event.ts';
import { exitCodeOf, messageOf } from '../base/errors.ts';
import { locateTool } from '../tools/locate.ts';
import type { ToolOptions } from '../tools/options.ts';
import type { ToolName } from '../tools/pins.ts';
import { countNodes } from '../plan/plan.ts';
import type { ProviderName } from '../plan/provider-name.ts';
import { systemFacts, watchLoad } from '../records/facts.ts';
import { appendRun } from '../records/log.ts';
import { type BenchmarkRecord, type RecordedSetting, type Tool, buildRecord } from '../records/record.ts';
import { watchRetries } from '../records/retries.ts';
import { secretValues } from '../services/secrets.ts';
import { settingRows } from './settings-rows.ts';
import type { ClusterContext } from '../context.ts';
import type { Prepared } from './prepare.ts';

/** That of package.json; a test holds the two together. */
export const HOIST_VERSION = '0.1.0';

export interface Recorder {
  subscriber: Subscriber;
  /** The engine's record, as soon as its run has ended. */
  run(): RunRecord | undefined;
  /**
   * Appends the record to the log, and gives it.
   * @throws what the file system throws
   */
  write(end: {
    planHash: string;
    label: string | undefined;
    /** The kind of situation that the run found, where it came so far. */
    found?: string | undefined;
    /** ms until named milestones. */
    phases?: Readonly<Record<string, number>> | undefined;
    error?: unknown;
  }): Promise<BenchmarkRecord>;
}

export function createRecorder(
  tool: Tool,
  prepared: Prepared,
  { now, tools }: Pick<ClusterContext, 'now' | 'tools'>,
): Recorder {
  const startedAt = now();
  const load = watchLoad();
  const retries = watchRetries();
  let run: RunRecord | undefined;
  return {
    subscriber(event) {
      retries.subscriber(event);
      if (event.type === 'run-ended') run = event.run;
    },
    run: () => run,
    async write({ planHash, label, found, phases, error }) {
      const { plan, loaded, logDir, secrets, services } = prepared;
      const { cluster, computed } = plan;
      const settings = Object.fromEntries(
        settingRows(loaded).map(({ name, value, source }): [string, RecordedSetting] => [name, { value, source }]),
      );
      const record = buildRecord({
        tool,
        label,
        startedAt,
        outcome: run?.outcome ?? 'failed',
        exitCode: error === undefined ? 0 : exitCodeOf(error),
        planHash,
        found,
        durationMs: now().getTime() - startedAt.getTime(),
        cluster: {
          name: cluster.name,
          provider: cluster.provider,
          agents: countNodes(cluster, 'agent'),
          concurrency: plan.concurrency,
          image: cluster.k3d?.native?.tree.image ?? loaded.settings.k3d.image ?? `Kubernetes v${cluster.kubernetes}`,
        },
        settings,
        plan: { cluster, computed, pools: plan.pools, providerReason: plan.providerReason },
        system: systemFacts(),
        load: load.end(),
        versions: {
          hoist: HOIST_VERSION,
          node: process.versions.node,
          ...(await toolVersions(cluster.provider, tools)),
        },
        run,
        phases,
        retries: retries.retries(),
        error: error === undefined ? undefined : messageOf(error),
        secretValues: [...secretValues(secrets.secrets), ...services.list.flatMap(({ values }) => values.secrets)],
      });
      await appendRun(logDir, record);
      return record;
    },
  };
}

/** The tools that a provider's clusters are made with. */
const TOOLS: Readonly<Record<ProviderName, readonly ToolName[]>> = {
  embedded: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'],
  k3d: ['k3d'],
  existing: [],
};

async function toolVersions(provider: ProviderName, tools: ToolOptions): Promise<Record<string, string>> {
  const found = await Promise.all(
    TOOLS[provider].map(async (name) => {
      const version = (await locateTool(name, tools).catch(() => undefined))?.version;
      return version === undefined ? [] : [[name, version] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}
