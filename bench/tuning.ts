// Question: which of the tuned arguments pay? Method: a fresh plain cluster (bench/floor.sh, 3 simulated nodes) each turn, with
// the arguments of one side; once it is calm a Deployment of 200 replicas, and when that is Available and all is calm again
// 40 Deployments of 5, each timed from its creation until all are Available, noticed by watching.
// Sides: default arguments; the plan's (scripts/plan/tuning.ts); the plan without one component's, with more syncs, and without any
// limit of requests, which is the floor: the plan at most 1.25 times that.
// The plan at least 5 times faster than the defaults with 40 Deployments, 4 times with 200 replicas: the defaults take the 8.5 s that
// 20 requests a second ask for on any machine, the plan as long as the servers' work for 200 pods takes on its CPUs. What shows
// no gain does not belong into the plan.

import { connect } from '../scripts/kube/client/client.ts';
import type { KubeClient } from '../scripts/kube/client/client.ts';
import { HoistError } from '../scripts/base/errors.ts';
import { waitWorkloads } from '../scripts/kube/watch/wait-workloads.ts';
import { componentArguments } from '../scripts/plan/tuning.ts';
import type { Component } from '../scripts/plan/tuning.ts';
import { prepareFloor, tunedEnvironment } from './harness/floor.ts';
import type { Floor } from './harness/floor.ts';
import { makeWorld, toolPaths } from './harness/hoist.ts';
import { main } from './harness.ts';
import type { Side, Turn } from './harness.ts';

const NODES = 3;
const TIMEOUT_MS = 120_000;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const VARIABLES = {
  etcd: 'ETCD_ARGS',
  apiserver: 'APISERVER_ARGS',
  controllerManager: 'KCM_ARGS',
  scheduler: 'SCHEDULER_ARGS',
} as const;
type Tunable = keyof typeof VARIABLES;
const tunable = Object.keys(VARIABLES) as Tunable[];

const none: Record<Component, Record<string, string>> = {
  etcd: {},
  apiserver: {},
  controllerManager: {},
  scheduler: {},
  kwok: {},
};
const plan = componentArguments('embedded', true, none);
const planned = (component: Tunable): string =>
  plan[component].map(({ flag, value }) => `--${flag}=${value}`).join(' ');

/** The floor's environment: the plan's arguments for the components that are tuned, and what is added to one. */
function environment(tuned: readonly Tunable[], added: Partial<Record<Tunable, string>> = {}): Record<string, string> {
  const one = (c: Tunable): string => [tuned.includes(c) ? planned(c) : '', added[c] ?? ''].join(' ');
  return Object.fromEntries(tunable.map((component) => [VARIABLES[component], one(component)]));
}

const gc = tunedEnvironment();

const world = await makeWorld();
let tools: Readonly<Record<string, string>> | undefined;
let floor: Floor | undefined;

/** Creates the Deployments and resolves with the ms until all are Available. */
async function rollOut(
  client: KubeClient,
  names: readonly string[],
  replicas: number,
  signal: AbortSignal,
): Promise<number> {
  const start = performance.now();
  await Promise.all(
    names.map((name) => client.json({ method: 'POST', path: DEPLOYMENTS, body: deployment(name, replicas), signal })),
  );
  const refs = names.map((name) => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name }));
  await waitWorkloads(client, refs, { timeoutMs: TIMEOUT_MS, signal });
  return performance.now() - start;
}

function deployment(name: string, replicas: number): unknown {
  const labels = { app: name };
  const spec = { containers: [{ name: 'main', image: 'example' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function side(name: string, env: Record<string, string>): Side {
  return {
    name,
    async before({ signal }: Turn) {
      tools ??= await toolPaths(world);
      floor = await prepareFloor(tools, { nodes: NODES, env });
      await floor.start(signal);
      await floor.settle();
    },
    async run({ signal }: Turn) {
      if (!floor) throw new HoistError('there is no cluster to measure');
      const client = connect(await floor.connection());
      try {
        const one = await rollOut(client, ['one'], 200, signal);
        await floor.settle();
        const many = Array.from({ length: 40 }, (_, index) => `many-${index}`);
        return { value: one, extra: { '40×5': await rollOut(client, many, 5, signal) } };
      } finally {
        client.close();
      }
    },
    after: async () => floor?.remove(),
  };
}

const without = tunable.filter((component) => plan[component].length > 0);
/** Of two flags the later one counts: what is left then is the servers' own time, the floor. */
const NO_LIMITS = '--kube-api-qps=100000 --kube-api-burst=100000';
const syncs = ['deployment', 'replicaset'].map((kind) => `--concurrent-${kind}-syncs=20`).join(' ');

try {
  await main({
    name: 'tuning',
    question: 'How long until 200 replicas (and 40 × 5) are Available, with which arguments?',
    // Each turn starts its processes again: there is nothing to warm up.
    warmUps: 0,
    sides: [
      side('defaults', environment([])),
      side('plan', { ...environment(tunable), ...gc }),
      ...without.map((one) =>
        side(`plan, ${one} default`, { ...environment(tunable.filter((other) => other !== one)), ...gc }),
      ),
      side('plan, environment default', environment(tunable)),
      side('plan, no limits', {
        ...environment(tunable, { controllerManager: NO_LIMITS, scheduler: NO_LIMITS }),
        ...gc,
      }),
      side('plan, syncs 20', { ...environment(tunable, { controllerManager: syncs }), ...gc }),
    ],
    ratios: {
      'defaults/plan 200': {
        sides: ['defaults', 'plan'],
        value: (defaults, tuned) => defaults / tuned,
        target: 4,
        good: 'at least',
      },
      // What no limits at all would save: the rest is CPU time of the servers.
      'plan/no limits 200': {
        sides: ['plan', 'plan, no limits'],
        value: (tuned, unlimited) => tuned / unlimited,
        target: 1.25,
        good: 'at most',
      },
      'defaults/plan 40×5': {
        sides: ['defaults', 'plan'],
        of: '40×5',
        value: (defaults, tuned) => defaults / tuned,
        target: 5,
        good: 'at least',
      },
    },
  });
} finally {
  await world.remove();
}
