// A folder with steps of a user, and runs of the engine with them.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EngineEvent, RunRecord } from '../../../scripts/engine/event.ts';
import { type RunOptions, runSteps } from '../../../scripts/engine/run.ts';
import type { Step } from '../../../scripts/engine/step.ts';
import { loadOwnSteps } from '../../../scripts/services/custom/files.ts';
import { type Hooks, ownSteps, withHooks } from '../../../scripts/services/custom/own-steps.ts';

export interface Played {
  run: RunRecord;
  error: unknown;
  /** Lines of output, by step. */
  lines: Record<string, string[]>;
  warnings: Record<string, string[]>;
  /** `started STEP` and `ended STEP`, in order. */
  order: string[];
}

export interface Bench {
  folder: string;
  write(file: string, text: string): string;
  /** Loads `steps/` and runs all in it, with steps that stand for those of a cluster. */
  play(options?: {
    hooks?: Partial<Hooks>;
    others?: Step[];
    run?: RunOptions;
    env?: Record<string, string>;
  }): Promise<Played>;
  close(): void;
}

export function createBench(): Bench {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hoist-steps-')));
  return {
    folder,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    async play({ hooks = {}, others = [], run: options = {}, env = {} } = {}) {
      const cluster: Step[] = [
        { name: 'api', run: () => undefined },
        { name: 'kubeconfig', needs: ['api'], run: () => undefined },
        ...others,
      ];
      const surroundings = { cwd: folder, env: { PATH: process.env['PATH'], KUBECONFIG: '/the/kubeconfig', ...env } };
      const loaded = await loadOwnSteps({ given: undefined, settingsFolder: folder, cwd: folder });
      const own = ownSteps(loaded, cluster, {
        ...surroundings,
        kubeconfig: '/the/kubeconfig',
        context: 'hoist-dev',
        cluster: 'dev',
        namespaces: ['a', 'b'],
      });
      const hooked = withHooks([...cluster, ...own], { before: [], after: [], ...hooks }, surroundings);
      const events: EngineEvent[] = [];
      const subscribers = [
        hooked.subscriber,
        (event: EngineEvent) => void events.push(event),
        ...(options.subscribers ?? []),
      ];
      const error = await runSteps(hooked.steps, { ...options, subscribers }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const last = events.at(-1);
      if (last?.type !== 'run-ended') throw error;
      return { run: last.run, error, ...told(events) };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function told(events: readonly EngineEvent[]): Pick<Played, 'lines' | 'warnings' | 'order'> {
  const lines: Record<string, string[]> = {};
  const warnings: Record<string, string[]> = {};
  const order: string[] = [];
  for (const event of events) {
    if (event.type === 'step-output') (lines[event.step] ??= []).push(event.line);
    if (event.type === 'step-warning') (warnings[event.step] ??= []).push(event.message);
    if (event.type === 'step-started') order.push(`started ${event.step}`);
    if (event.type === 'step-ended') order.push(`ended ${event.step}`);
  }
  return { lines, warnings, order };
}

/** Resolves when the file is there, with its text. */
export async function written(path: string): Promise<string> {
  const { existsSync, readFileSync, watch } = await import('node:fs');
  const ready = (): boolean => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
  await new Promise<void>((resolve) => {
    const watcher = watch(dirname(path), () => check());
    const check = (): void => {
      if (!ready()) return;
      watcher.close();
      resolve();
    };
    check();
  });
  return readFileSync(path, 'utf8').trim();
}
