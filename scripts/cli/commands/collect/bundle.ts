// What `collect` and `preflight` make a bundle with, but for the file that it goes to.

import { analyze } from '../../../support/analyzers/analyze.ts';
import type { makeBundle } from '../../../support/make-bundle.ts';
import { bundleRedactor } from '../../../support/redaction.ts';
import type { ClusterContext } from '../../../context.ts';
import type { Io } from '../../command.ts';
import type { Screen } from '../../screen.ts';
import type { ClusterFlags, RunFlags } from './flags.ts';
import { redacting } from '../../redaction.ts';
import type { History } from './history.ts';
import type { Asked } from './inputs.ts';

type BundleOptions = Omit<Parameters<typeof makeBundle>[0], 'file' | 'access'>;

export function bundleOptions(
  asked: Asked,
  { namespace, tokenize }: RunFlags & ClusterFlags,
  {
    io,
    context,
    screen,
    history,
  }: {
    io: Io;
    context: ClusterContext;
    screen: Pick<Screen, 'renderer' | 'say'>;
    history?: Pick<History, 'subscriber'>;
  },
): BundleOptions {
  return {
    plan: asked.plan,
    analyzers: asked.spec.analyzers,
    only: namespace,
    redactor: bundleRedactor(asked.spec.redactors, { tokenize }),
    analyze: (analyzers, bundle, failures) => analyze(analyzers, bundle, { failures, nowMs: context.now().getTime() }),
    host: { exec: context.exec, env: context.env, root: '/' },
    clock: context.clock,
    now: context.now,
    random: Math.random,
    concurrency: asked.concurrency,
    timeoutMs: asked.timeoutMs,
    signal: io.signal,
    subscribers: [screen.renderer.onEvent, ...(history ? [redacting(history.subscriber)] : [])],
    onForbidden: (lacking) => {
      for (const [step, what] of lacking) screen.say(`warning: ${step} will be missing: ${what}`);
    },
  };
}
