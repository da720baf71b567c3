// What the benchmark log keeps of `collect` and `preflight`, and how long the same one usually takes.

import { createHash } from 'node:crypto';
import { duration } from '../../../base/units.ts';
import type { ClusterContext } from '../../../context.ts';
import type { Subscriber } from '../../../engine/event.ts';
import { createRecorder } from '../../../records/recorder.ts';
import { type Usual, usualTime } from '../../../records/usual.ts';
import type { BundleResult } from '../../../support/make-bundle.ts';
import type { Io } from '../../command.ts';
import { logFolder, recordRun } from '../../record.ts';
import type { Asked } from './inputs.ts';

export interface History {
  subscriber: Subscriber;
  /** Of the same specs; undefined where the log has none, or there is no log. */
  usual(): Promise<Usual | undefined>;
  /** Shown on a terminal when it begins. */
  sayUsual(say: (line: string) => void): void;
  record(result: BundleResult, say: (line: string) => void): Promise<void>;
}

export function historyOf(tool: 'collect' | 'preflight', asked: Asked, io: Io, context: ClusterContext): History {
  const recorder = createRecorder(tool, context.now);
  const logDir = logFolder(io);
  const plan = {
    collectors: asked.plan.items.map(({ item: { kind, host, spec } }) => ({ kind, host, spec })),
    checks: asked.spec.analyzers.length,
    concurrency: asked.concurrency,
  };
  const planHash = createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
  const usual = (): Promise<Usual | undefined> =>
    logDir === undefined ? Promise.resolve(undefined) : usualTime(logDir, { tool, planHash, found: undefined });
  return {
    subscriber: recorder.subscriber,
    usual,
    sayUsual(say) {
      if (!io.stderr.isTTY) return;
      usual().then(
        (known) => known && say(`usually ${duration(known.ms)}`),
        () => undefined,
      );
    },
    async record(result, say) {
      if (logDir === undefined) return;
      const { reports, results, bytes, files, file } = result;
      const failed = results.filter(({ outcome }) => outcome === 'fail').length;
      const content = {
        planHash,
        subject: {
          kind: tool === 'collect' ? ('bundle' as const) : ('checks' as const),
          name: file ?? tool,
          facts: { collectors: reports.length, files, bytes, checks: results.length, failed },
        },
        cluster: {},
        settings: {},
        // The specs themselves may hold secrets; these are the names of what was collected.
        plan: { collectors: reports.map(({ title, outcome }) => `${title}: ${outcome}`) },
        secretValues: [],
        error: result.stopped,
      };
      await recordRun(recorder, content, { logDir, env: io.env, say });
    },
  };
}
