// Clusters of real k3d for tests: whether there can be any here, how they are made, and what of one is on the engine.

import { spawnSync } from 'node:child_process';
import { stringify } from 'yaml';
import { type Container, listContainers } from '../../scripts/docker/containers.ts';
import type { DockerClient } from '../../scripts/docker/client.ts';
import { findImage } from '../../scripts/docker/images.ts';
import { listVolumes } from '../../scripts/docker/networks.ts';
import { tryDocker } from '../../scripts/docker/session.ts';
import type { Ended, World } from './hoist.ts';

export const NODE_IMAGE = 'docker.io/rancher/k3s:v1.34.2-k3s1';

const found = await tryDocker(process.env);
export const session = 'why' in found ? undefined : found;
const hasK3d = spawnSync('k3d', ['version']).status === 0;

export async function hasImage(image: string): Promise<boolean> {
  return session !== undefined && (await findImage(session.engine, image)) !== undefined;
}

/** Whether real clusters can be made here. */
export const canMake = hasK3d && (await hasImage(NODE_IMAGE));

/** Only where one answers. */
export function engine(): DockerClient {
  if (session === undefined) throw new Error('a test that needs an engine runs only where one answers');
  return session.engine;
}

export const env = (): Record<string, string> => ({
  PROVIDER: 'k3d',
  DOCKER_HOST: session?.endpoint.host ?? '',
  E2E_USER: 'me-and-nobody-else',
});

/** Settings beside those that all clusters of the tests have. */
export interface More {
  k3d?: object;
  [key: string]: unknown;
}

export interface Line {
  type: string;
  step?: string;
  atMs: number;
  [field: string]: unknown;
}
export const lines = ({ stdout }: Pick<Ended, 'stdout'>): Line[] =>
  stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** What the summary says of each failure. */
export function failures(ended: Ended): { step: string; message: string; hint?: string }[] {
  return (lines(ended).find(({ type }) => type === 'summary')?.['failures'] ?? []) as ReturnType<typeof failures>;
}

interface Status {
  name: string;
  state: string;
  server?: string;
  nodes: { ready: boolean; role: string }[];
  components: { name: string; ok: boolean; detail: string }[];
}

/** All that tests do with clusters of one name. */
export interface Clusters {
  configure(world: World, more?: More): void;
  up(world: World, more?: More, ...args: string[]): Promise<Ended>;
  nodes(): Promise<Container[]>;
  status(world: World): Promise<Status | undefined>;
  /** Names of all that k3d makes for such a cluster and that is there, whatever its labels say. */
  remains(): Promise<string[]>;
}

export function clustersOf(name: string): Clusters {
  const configure = (world: World, { k3d, ...rest }: More = {}): void => {
    const settings = {
      ...{ name, agents: 1, namespaces: ['one', 'two'], resources: { cluster: [], eachNamespace: [] } },
      secrets: [{ name: 'pull', data: { user: { env: 'E2E_USER' } } }],
      // Servers without the parts whose images not every engine has.
      k3d: { image: NODE_IMAGE, caches: false, disable: ['local-storage', 'traefik', 'metrics-server'], ...k3d },
      ...rest,
    };
    world.write('config/cluster.yaml', stringify(settings));
  };
  return {
    configure,
    up(world, more, ...args) {
      configure(world, more);
      return world.hoist(['up', '--output', 'json', ...args], env());
    },
    nodes: async () => (session === undefined ? [] : listContainers(engine(), { app: 'k3d', 'k3d.cluster': name })),
    async status(world) {
      const { stdout } = await world.hoist(['status', '--output', 'json'], env());
      return (JSON.parse(stdout) as { clusters: Status[] }).clusters.find((cluster) => cluster.name === name);
    },
    async remains() {
      const [containers, networks, volumes] = await Promise.all([
        engine().json<{ Names: string[] }[]>({ path: '/containers/json', query: { all: true } }),
        engine().json<{ Name: string }[]>({ path: '/networks' }),
        listVolumes(engine(), {}),
      ]);
      const all = [
        ...containers.map(({ Names }) => (Names[0] ?? '').slice(1)),
        ...networks.map(({ Name }) => Name),
        ...volumes,
      ];
      return all.filter((one) => new RegExp(`^k3d-${name}(-(server|agent)-\\d+|-serverlb|-tools|-images)?$`).test(one));
    },
  };
}
