// Question: what does everything at once cost on real nodes? Method: whole `bin/hoist up` on k3d (0, 1 and 2 agents, 6 namespaces,
// secrets, core resources, health down to an answering DNS) from nothing to its last line; images are there on all sides.
// Floor: bare `k3d cluster create --no-lb` of the same topology, which returns before DNS answers: at most 1.05 times its time,
// and everything applied (all but DNS and late nodes) at 0.65 times of it.
// Beside it the same floor until its DNS answers, which is what `up` waits for: at most 1.1 times its time, since what `up` applies
// meanwhile takes CPU from the node that starts CoreDNS.
// Peer: bench/baseline.sh k3d, one command after another: at most 0.6 times its time; with k3d's defaults, and without the
// load balancer too, which alone costs 6 s. The storage of files/local-path-storage.yaml is left out of hoist's side: k3s has
// its own, and its image need not be there; the scripts do not wait for it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findImage } from '../scripts/docker/images.ts';
import { openDocker, tryDocker } from '../scripts/docker/session.ts';
import { exec } from '../scripts/host/execa.ts';
import { askDns } from '../scripts/providers/k3d/access/dns.ts';
import { makeWorld, root } from './harness/hoist.ts';
import { isThere } from './harness/peers.ts';
import { main } from './harness.ts';
import type { Ratio, Sample, Side, Turn } from './harness.ts';

const TOPOLOGIES = [0, 1, 2];
const NAME = 'bench';
const PROXY = 'ghcr.io/k3d-io/k3d-proxy:5.9.0';
const TIMEOUT_MS = 180_000;

const world = await makeWorld();
const config = join(world.dir, 'cluster.yaml');
const files = join(root, 'files');
await writeFile(
  config,
  `name: ${NAME}
provider: k3d
namespaces: [development, staging, cert-manager, ingress-nginx, monitoring, logging]
secrets:
  - name: registry-credentials
    type: dockerconfigjson
    data: { .dockerconfigjson: { env: DOCKER_CONFIG_JSON } }
resources:
  cluster: [${files}/nodelocaldns-configmap.yaml]
  eachNamespace: [${files}/default-network-policies.yaml, ${files}/resource-quotas.yaml]
`,
);

async function withoutK3d(): Promise<string | undefined> {
  const session = await tryDocker(process.env);
  if ('why' in session) return session.why;
  session.engine.close();
  return isThere('k3d');
}

/** The load balancer's image must be there: a bench measures no downloads. */
async function withoutProxy(): Promise<string | undefined> {
  const missing = await withoutK3d();
  if (missing !== undefined) return missing;
  const { engine } = await openDocker(process.env);
  const found = await findImage(engine, PROXY);
  engine.close();
  return found === undefined ? `the image ${PROXY} is not there` : undefined;
}

const run = async (file: string, args: readonly string[], signal: AbortSignal, own = {}): Promise<Sample> => {
  const env = { ...world.env, ...own };
  const { durationMs } = await exec({ file, args, env, cwd: root, timeoutMs: TIMEOUT_MS, signal });
  // There everything is in place only when the last command returns.
  return { extra: { applied: durationMs } };
};
const remove = async (): Promise<void> => {
  await exec({ file: 'k3d', args: ['cluster', 'delete', NAME], env: world.env, timeoutMs: TIMEOUT_MS });
};

/** Asks as a pod would, through the service's address, as soon as k3d has returned. */
async function untilDnsAnswers(agents: number, { signal }: Turn): Promise<Sample> {
  await run('k3d', create(agents, '--no-lb'), signal);
  const { engine } = await openDocker(process.env);
  const deadline = Date.now() + TIMEOUT_MS;
  const { exitCode, output } = await askDns(
    { engine, container: `k3d-${NAME}-server-0` },
    '10.43.0.10',
    deadline,
    signal,
  );
  engine.close();
  if (exitCode !== 0) throw new Error(`the DNS of bare k3d does not answer: ${output}`);
  return {};
}

const APPLIED = /^(namespace\/|secrets\/|resources|kubeconfig$)/;

interface Line {
  time: string;
  step: string;
}

async function hoistUp(agents: number, { signal }: Turn): Promise<Sample> {
  const start = Date.now();
  const args = ['up', '--config', config, '--agents', String(agents), '--output', 'json'];
  const { stdout } = await world.hoist(args, { signal });
  const wallMs = Date.now() - start;
  const ends = stdout.split('\n').flatMap((text): [string, number][] => {
    if (!text.includes('"step.ended"')) return [];
    const { time, step } = JSON.parse(text) as Line;
    return [[step, Date.parse(time) - start]];
  });
  const last = (match: (step: string) => boolean): number =>
    Math.max(...ends.filter(([step]) => match(step)).map(([, ms]) => ms));
  return {
    value: wallMs,
    extra: {
      api: last((step) => step === 'api'),
      applied: last((step) => APPLIED.test(step)),
      k3d: last((step) => step === 'k3d'),
      dns: last((step) => step === 'dns'),
    },
  };
}

const create = (agents: number, ...more: string[]): string[] => [
  'cluster',
  'create',
  NAME,
  '--agents',
  String(agents),
  ...more,
];
const noBalancer = { K3D_OPTIONS_K3D_DISABLELOADBALANCER: 'true' };

const sidesFor = (agents: number): Side[] => [
  {
    name: `bare --no-lb, ${agents}`,
    missing: withoutK3d,
    run: ({ signal }) => run('k3d', create(agents, '--no-lb'), signal),
    after: remove,
  },
  {
    name: `bare --no-lb until DNS answers, ${agents}`,
    missing: withoutK3d,
    run: (turn) => untilDnsAnswers(agents, turn),
    after: remove,
  },
  {
    name: `bare, ${agents}`,
    missing: withoutProxy,
    run: ({ signal }) => run('k3d', create(agents), signal),
    after: remove,
  },
  {
    name: `hoist up, ${agents}`,
    missing: withoutK3d,
    run: (turn) => hoistUp(agents, turn),
    after: async () => {
      await world.hoist(['down', NAME]);
    },
  },
  {
    name: `scripts, ${agents}`,
    missing: withoutProxy,
    run: ({ signal }) => run('bench/baseline.sh', ['k3d', NAME, String(agents)], signal),
    after: remove,
  },
  {
    name: `scripts without load balancer, ${agents}`,
    missing: withoutK3d,
    run: ({ signal }) => run('bench/baseline.sh', ['k3d', NAME, String(agents)], signal, noBalancer),
    after: remove,
  },
];

const ratiosFor = (agents: number): Record<string, Ratio> => {
  const against = (side: string, target: number): Ratio => ({
    sides: [`hoist up, ${agents}`, `${side}, ${agents}`],
    value: (ours = NaN, theirs = NaN) => ours / theirs,
    target,
    good: 'at most',
  });
  return {
    [`up/bare, ${agents}`]: against('bare --no-lb', 1.05),
    [`up/bare until DNS answers, ${agents}`]: against('bare --no-lb until DNS answers', 1.1),
    [`applied/bare, ${agents}`]: { ...against('bare --no-lb', 0.65), of: 'applied' },
    [`up/scripts, ${agents}`]: against('scripts', 0.6),
    [`up/scripts without load balancer, ${agents}`]: against('scripts without load balancer', 0.6),
  };
};

try {
  await main({
    name: 'k3d',
    question: 'How long does a whole `hoist up` take on k3d, against bare k3d and against scripts around it?',
    sides: TOPOLOGIES.flatMap(sidesFor),
    ratios: Object.assign({}, ...TOPOLOGIES.map(ratiosFor)) as Record<string, Ratio>,
  });
} finally {
  await world.remove();
}
