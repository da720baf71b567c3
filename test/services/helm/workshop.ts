// A helm home of its own with the real helm, and what the parts of services are given by a run.

import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { StepContext } from '../../../scripts/engine/step.ts';
import type { ExecOptions } from '../../../scripts/host/exec.ts';
import { exec } from '../../../scripts/host/execa.ts';
import { locateTool } from '../../../scripts/tools/locate.ts';
import type { FetchTools } from '../../../scripts/services/helm/charts/fetch-chart.ts';
import { helmHome } from '../../../scripts/services/helm/home.ts';
import { type PreparedServices, prepareServices } from '../../../scripts/services/helm/releases/prepare-releases.ts';
import type { Service } from '../../../scripts/services/helm/service.ts';
import { serviceSettings } from '../../../scripts/settings/services-schema.ts';

const Settings = z.object(serviceSettings);

/** Where helm is; undefined where it was never fetched, and what needs it is to be skipped. */
export const helmPath: string | undefined = (await locateTool('helm', { env: process.env, exec }))?.path;

export interface Told {
  notes: string[];
  warnings: string[];
}

export interface Workshop extends FetchTools {
  folder: string;
  /** All that was run, with its input and environment. */
  runs: ExecOptions[];
  /** The context of a step, and what the step told. */
  step(): StepContext & Told;
  /** Prepares services, as `helm` and `services` of the settings say. */
  prepare(settings: object, sources?: { reposGiven?: boolean }): Promise<PreparedServices>;
  /** Text of all files of the helm home. */
  everything(): string;
  close(): void;
}

export function createWorkshop(more: Record<string, string> = {}): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-helm-'));
  const env = { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: folder, ...more };
  const home = helmHome(env);
  const runs: ExecOptions[] = [];
  return {
    folder,
    home,
    env,
    runs,
    exec: (options) => {
      runs.push(options);
      return exec({ ...options, env: { ...env, ...options.env } });
    },
    helm: () => Promise.resolve(helmPath ?? 'helm'),
    step() {
      const told: Told = { notes: [], warnings: [] };
      return {
        ...told,
        signal: new AbortController().signal,
        attempt: 1,
        spawn: () => assert.unreachable('no step of a release adds steps'),
        progress: () => undefined,
        output: () => undefined,
        note: (text) => void told.notes.push(text),
        announce: () => undefined,
        warn: (text) => void told.warnings.push(text),
      };
    },
    prepare: (settings, { reposGiven = true } = {}) =>
      prepareServices(Settings.parse(settings), {
        env,
        exec,
        folder,
        cwd: folder,
        locate: (path) => ({ where: path.join('.') }),
        reposGiven,
        kubernetes: 'v1.34.2',
        tools: { env, exec, paths: { helm: helmPath ?? '' } },
      }),
    everything() {
      const files = readdirSync(home.root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A service with nothing to it but what the test says. */
export function serviceOf(more: Partial<Service>): Service {
  return {
    name: 'it',
    namespace: 'default',
    ref: { kind: 'local', path: '.' },
    version: undefined,
    local: undefined,
    dependencies: [],
    chart: undefined,
    values: { text: '{}', secrets: [] },
    needs: [],
    ready: { workloads: true, crds: true, webhooks: true },
    timeoutMs: 5_000,
    atomic: false,
    withoutWebhooks: false,
    implied: true,
    where: (...path) => ({ where: ['services', 0, ...path].join('.') }),
    ...more,
  };
}
