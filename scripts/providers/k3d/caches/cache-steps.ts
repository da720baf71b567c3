// Makes and starts the pull-through caches, and puts them into a cluster's network.

import { request } from 'node:https';
import type { Step, StepContext } from '../../../engine/step.ts';
import { messageOf } from '../../../base/errors.ts';
import { type Container, listContainers, startContainer } from '../../../docker/containers.ts';
import { createVolume, findNetwork, joinNetwork } from '../../../docker/networks.ts';
import type { Command } from '../../../host/exec.ts';
import { CACHE_LABELS, type Cache } from './caches.ts';
import { k3dRegistryCreate } from '../plan/k3d-commands.ts';
import { REGISTRY_IMAGE } from '../plan/images.ts';
import { K3D, ROLE } from '../nodes/labels.ts';
import { type K3dRun, networkOf } from '../run.ts';

/** ms that an upstream may take to show that it is there. */
const REACH_MS = 3_000;

/** The step that needs the cluster's network; the other one comes before nodes are given the caches. */
export const JOIN_STEP = 'caches/join';

export interface CacheSteps {
  steps: Step[];
  /** The caches that run; all that can be had, once the steps before the creation have ended. */
  available: () => readonly Cache[];
}

/**
 * Steps for what is missing: to have all caches running, and to have them in the cluster's network, which `network`
 * makes. A cache that cannot be had is a warning: nodes then pull from its registry, and do not get the cache.
 * @param needs steps before a cache can be made: the pull of its image, k3d itself.
 */
export async function cacheSteps(
  run: K3dRun,
  { needs, network }: { needs: readonly string[]; network: readonly string[] },
): Promise<CacheSteps> {
  const { caches } = run;
  const { engine } = run.docker;
  if (caches.length === 0) return { steps: [], available: () => [] };
  const [containers, joined] = await Promise.all([registries(run), findNetwork(engine, networkOf(run.plan))]);
  const stateOf = ({ container }: Cache): string | undefined =>
    containers.find(({ name }) => name === container)?.state;
  const missing = caches.filter((cache) => stateOf(cache) !== 'running');
  const available = caches.filter((cache) => !missing.includes(cache));
  const members = new Set((joined?.members ?? []).map(({ name }) => name));
  const outside = caches.filter(({ container }) => !members.has(container));

  const making: Step[] =
    missing.length === 0
      ? []
      : [
          {
            name: 'caches',
            needs,
            run: (context) =>
              provide(missing, context, async (cache) => {
                if (stateOf(cache) === undefined) await make(run, cache, context.signal);
                else await startContainer(engine, cache.container, context.signal);
                available.push(cache);
              }),
          },
        ];
  const joining: Step[] =
    outside.length === 0
      ? []
      : [
          {
            name: JOIN_STEP,
            needs: [...making.map(({ name }) => name), ...network],
            async run({ signal }) {
              const there = outside.filter((cache) => available.includes(cache));
              await Promise.all(
                there.map(({ container }) => joinNetwork(engine, networkOf(run.plan), container, signal)),
              );
            },
          },
        ];
  return { steps: [...making, ...joining], available: () => available };
}

/** Command lines for the caches that are not there, as `up --plan` shows them. */
export async function cacheCommands(run: K3dRun): Promise<Command[]> {
  if (run.caches.length === 0) return [];
  const containers = await registries(run);
  return run.caches
    .filter((cache) => !containers.some(({ name }) => name === cache.container))
    .map((cache) => creation('k3d', cache));
}

function registries(run: K3dRun): Promise<Container[]> {
  return listContainers(run.docker.engine, { ...K3D, [ROLE]: 'registry' });
}

async function provide(
  missing: readonly Cache[],
  { signal, warn, progress }: StepContext,
  provideOne: (cache: Cache) => Promise<void>,
): Promise<void> {
  const failures = new Map<string, string[]>();
  let done = 0;
  await Promise.all(
    missing.map(async (cache) => {
      try {
        await provideOne(cache);
      } catch (error) {
        signal.throwIfAborted();
        const why = reasonOf(error);
        failures.set(why, [...(failures.get(why) ?? []), cache.registry]);
      }
      progress({ done: ++done, total: missing.length, unit: 'items' });
    }),
  );
  for (const [why, names] of failures) warn(`no cache for ${names.join(', ')}: ${why}`);
}

/** Without the host's name, so that one sentence covers all that fail alike. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the names of their registries do not resolve';
  return messageOf(error);
}

async function make(run: K3dRun, cache: Cache, signal: AbortSignal): Promise<void> {
  if (cache.wellKnown) await checkReachable(cache.remoteUrl, signal);
  // k3d would have the engine make it without a label, and nothing but a name would say whose it is.
  await createVolume(run.docker.engine, cache.volume, CACHE_LABELS, signal);
  await run.exec({ ...creation(await run.k3d(), cache), env: run.env, timeoutMs: 60_000, signal });
}

/** Only nodes use it, by its name in their network; the port is there because k3d publishes one in any case. */
function creation(k3d: string, { name, remoteUrl, volume }: Cache): Command {
  const mount = `${volume}:/var/lib/registry`;
  return k3dRegistryCreate(k3d, { name, image: REGISTRY_IMAGE, remoteUrl, volume: mount, port: '127.0.0.1:random' });
}

/** A registry that cannot reach its upstream when it starts ends, and is started again forever. */
function checkReachable(url: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = request(`${url}/v2/`, { method: 'HEAD', signal, timeout: REACH_MS });
    probe.on('response', (answer) => {
      answer.resume();
      resolve();
    });
    probe.on('timeout', () => probe.destroy(new Error(`no answer within ${REACH_MS} ms from ${new URL(url).host}`)));
    probe.on('error', reject);
    probe.end();
  });
}
