// Runs code of the user inside a step: with zx's `$` bound to the step, and nothing of it left behind at its end.

import { setMaxListeners } from 'node:events';
import type { $ as Shell, LogEntry } from 'zx/core';
import type { StepContext } from '../../engine/step.ts';
import { Children } from '../../shell/children.ts';
import { Explainer, type Origin } from './explain.ts';
import { catchFloating } from './floating.ts';
import { Lines } from '../../shell/lines.ts';

/** ms that code has for its own clean-up after its processes were ended. */
const SHUTDOWN_MS = 1_000;

export interface ScriptContext {
  /** Absolute: commands run there, whatever `process.chdir` and zx's `cd` are used for. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * @throws ServicesError that says what the code threw, and where; the signal's reason where it was aborted, even if the
 * code never returns.
 */
export async function ownRun(
  context: StepContext,
  { cwd, env }: ScriptContext,
  origin: Origin,
  code: ($: Shell) => unknown,
): Promise<void> {
  const { signal } = context;
  // zx listens once for each command.
  setMaxListeners(0, signal);
  const { $, within } = await import('zx/core');
  const children = new Children();
  const lines = new Lines((line) => context.output(line));
  const explainer = new Explainer(origin);
  const log = (entry: LogEntry): void => {
    explainer.watch(entry);
    // Command lines are not shown: they may hold what is not for everybody.
    const shown = entry.verbose === true && (entry.kind === 'stdout' || entry.kind === 'stderr');
    if (shown) lines.push(`${entry.id} ${entry.kind}`, entry.data);
  };
  let over = false;
  let shutdown: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      const leave = (): void => {
        if (!over) shutdown = setTimeout(() => reject(signal.reason as Error), SHUTDOWN_MS);
      };
      void children.end().then(leave, reject);
    };
  });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    // Without a level bash takes the socket at its input for a log-in from afar, and reads the user's .bashrc each time.
    const shellEnv = { ...env, SHLVL: env['SHLVL'] ?? '1' };
    const settings = { cwd, env: shellEnv, signal, log, verbose: true, detached: true, spawn: children.spawn };
    const run = (): Promise<unknown> => within(() => Promise.resolve().then(() => code(Object.assign($, settings))));
    await Promise.race([catchFloating(run), aborted]);
    const left = await children.end();
    if (left > 0)
      context.warn(`${left === 1 ? 'a process was' : `${left} processes were`} still running at its end: ended`);
  } catch (error) {
    throw signal.aborted ? signal.reason : explainer.explain(error);
  } finally {
    over = true;
    signal.removeEventListener('abort', onAbort);
    clearTimeout(shutdown);
    await children.end();
    lines.end();
  }
}
