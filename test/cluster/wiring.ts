// What capabilities are given in tests: a folder of their own, a provider that makes nothing and says what it was asked.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { suite } from 'uvu';
import { CreationError } from '../../scripts/base/errors.ts';
import type { ClusterContext } from '../../scripts/context.ts';
import { systemClock } from '../../scripts/engine/clock.ts';
import type { Step } from '../../scripts/engine/step.ts';
import { exec } from '../../scripts/host/execa.ts';
import type { KubeConnection } from '../../scripts/kube/client/connection.ts';
import { connect } from '../../scripts/kube/client/client.ts';
import { answer, type Handler } from '../doubles/kube-server.ts';
import type { Description, Provider, Situation, StepInputs } from '../../scripts/providers/provider.ts';

export interface Wired {
  folder: string;
  wiring: ClusterContext;
  /** What the provider was asked, in order. */
  asked: string[];
  /** What the next `up` finds. */
  situation: Situation;
  /** Why that is not known. */
  unknown: string | undefined;
  description: Description;
  /** What the provider was given for its last steps. */
  inputs: StepInputs | undefined;
  /** Parts of the provider that tests replace. */
  provider: Partial<Provider>;
  /** The API of the cluster that is made; without one its making fails at once. */
  connection: KubeConnection | undefined;
  /** More steps of the provider, after `api`. */
  steps: Step[];
  write(path: string, text: string): string;
}

/** Gives each test of a suite a folder and a wiring. */
export function wired(tests: ReturnType<typeof suite<Wired>>): void {
  tests.before.each((context) => wire(context));
  tests.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));
}

function wire(one: Wired): void {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-wired-'));
  const env = { HOME: folder, PATH: '', XDG_CACHE_HOME: join(folder, 'cache'), KUBECONFIG: join(folder, 'kubeconfig') };
  const asked: string[] = [];
  Object.assign(one, {
    ...{ folder, asked, inputs: undefined, provider: {}, steps: [], connection: undefined },
    situation: { kind: 'absent' },
    unknown: undefined,
    description: { title: 'Given', values: [], commands: [] },
    wiring: {
      ...{ env, cwd: process.cwd(), exec, clock: systemClock, stateHome: join(folder, 'state') },
      now: () => new Date('2026-01-02T03:04:05Z'),
      tools: { env, exec, platform: { os: 'linux', arch: 'amd64' } },
      docker: () => Promise.resolve({ why: 'no engine here' }),
      provider: (name) => Promise.resolve({ ...providerOf(one, name), ...one.provider } as Provider),
    },
    write(path, text) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  } satisfies Wired);
}

function providerOf(one: Wired, name: string): Partial<Provider> {
  const { asked, folder } = one;
  return {
    name: name as Provider['name'],
    kubeconfigFile: (cluster) => join(folder, `${cluster}.kubeconfig`),
    list: () => Promise.resolve(['other']),
    remove(cluster) {
      asked.push(`remove ${cluster}`);
      return Promise.resolve(true);
    },
    prepare(plan) {
      asked.push(`prepare ${plan.name}`);
      return Promise.resolve({
        inspect: () => Promise.resolve(one.situation),
        describe: () => Promise.resolve(one.description),
        unknown: one.unknown,
        steps(inputs: StepInputs) {
          one.inputs = inputs;
          const open: Step = {
            name: 'api',
            run() {
              if (one.connection === undefined) throw new CreationError('nothing is made here');
              inputs.access.open(connect(one.connection), one.connection);
              return Promise.resolve();
            },
          };
          const done = (step: string): Step => ({ name: step, needs: ['api'], run: () => Promise.resolve() });
          return Promise.resolve([open, done('kubeconfig'), done('nodes'), ...one.steps]);
        },
      } as unknown as Awaited<ReturnType<Provider['prepare']>>);
    },
  };
}

/** As much of an API as a run without objects asks for. */
export const healthy: Handler = ({ path }, response) => {
  const account = { metadata: { name: 'default', namespace: 'default' } };
  const answers: Record<string, object> = {
    '/api': { versions: ['v1'] },
    '/apis': { groups: [] },
    '/api/v1/namespaces/default/serviceaccounts': { metadata: { resourceVersion: '1' }, items: [account] },
  };
  const isHealth = /^\/(readyz|livez|healthz)/.test(path);
  answer(response, isHealth || path in answers ? 200 : 404, isHealth ? 'ok' : (answers[path] ?? {}));
};
