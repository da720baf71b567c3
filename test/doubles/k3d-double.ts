// A stand-in for k3d: refuses what k3d refuses, speaks its log lines, and makes containers in an engine double.
//
// HOIST_DOUBLE_FAIL=PHASE and HOIST_DOUBLE_HANG=PHASE tell it to fail or hang in a phase (network, volume, tools, create,
// start, agents, inject); HOIST_DOUBLE_WAIT=PHASE:FILE to wait until FILE is there; HOIST_DOUBLE_SLOW=PHASE:MS,… to take
// its time; HOIST_DOUBLE_SERVER_LOG and HOIST_DOUBLE_AGENT_LOG
// name recorded logs for the nodes to print; HOIST_DOUBLE_ARGV is a file that every command line and config goes into.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { type Node, nodesFor, parseArgv, type Parsed, Refusal } from './k3d-argv.ts';

const { env } = process;
const coloured = env['LOG_COLORS'] !== 'false';
const TOP_LEVEL = [
  ...['apiVersion', 'kind', 'metadata', 'servers', 'agents', 'kubeAPI', 'image', 'network', 'subnet', 'token'],
  ...['volumes', 'ports', 'files', 'options', 'env', 'registries', 'hostAliases'],
];

function log(level: 'info' | 'warning' | 'error' | 'fatal', message: string): void {
  const stream = level === 'info' ? process.stdout : process.stderr;
  const short = { info: '\x1b[36mINFO', warning: '\x1b[33mWARN', error: '\x1b[31mERRO', fatal: '\x1b[31mFATA' }[level];
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  stream.write(
    coloured ? `${short}\x1b[0m[0000] ${message} \n` : `time="${now}" level=${level} msg=${JSON.stringify(message)}\n`,
  );
}

/** Asks the engine double; what it does for k3d is none of Docker's API. */
function ask<T>(path: string, body: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: (env['DOCKER_HOST'] ?? '').replace('unix://', ''), path: `/double/${path}`, method: 'POST' },
      (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => {
          if ((answer.statusCode ?? 500) >= 400) reject(new Refusal(text));
          else resolve((text === '' ? undefined : JSON.parse(text)) as T);
        });
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

async function phase(name: string, act: () => Promise<void>): Promise<void> {
  const slow = (env['HOIST_DOUBLE_SLOW'] ?? '').split(',').find((entry) => entry.startsWith(`${name}:`));
  if (slow) await sleep(Number(slow.split(':')[1]));
  if (env['HOIST_DOUBLE_HANG'] === name) await sleep(2 ** 30);
  const [waiting, file = ''] = (env['HOIST_DOUBLE_WAIT'] ?? '').split(':');
  while (waiting === name && !existsSync(file)) await sleep(10);
  if (env['HOIST_DOUBLE_FAIL'] === name) throw new Refusal(`told to fail in ${name}`);
  await act();
}

interface Config {
  metadata?: { name?: string };
  servers?: number;
  agents?: number;
  image?: string;
  options?: { k3d?: { disableLoadbalancer?: boolean } };
  env?: { envVar: string }[];
}

function readConfig(): Config {
  const text = readFileSync(0, 'utf8').replace(/\$\{?(\w+)\}?/g, (_, name: string) => env[name] ?? '');
  if (env['HOIST_DOUBLE_ARGV']) appendFileSync(env['HOIST_DOUBLE_ARGV'], `${JSON.stringify({ config: text })}\n`);
  const config = parse(text) as Config & { apiVersion?: string };
  if (config.apiVersion !== 'k3d.io/v1alpha5')
    throw new Refusal(`Cannot validate config file -: unsupported apiVersion '${config.apiVersion ?? ''}'`);
  const strange = Object.keys(config).find((key) => !TOP_LEVEL.includes(key));
  if (strange)
    throw new Refusal(
      `Schema Validation failed for config file -: - (root): Additional property ${strange} is not allowed\n`,
    );
  return config;
}

async function create({ operands, values }: Parsed): Promise<void> {
  const one = (flag: string): string | undefined => values[flag]?.at(-1);
  const config: Config = one('config') === '-' ? readConfig() : {};
  const name = operands[0] ?? config.metadata?.name ?? 'k3s-default';
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(name)) {
    throw new Refusal(
      `Failed Cluster Configuration Validation:  provided cluster name '${name}' does not match requirements`,
    );
  }
  // k3d takes K3D_* variables for keys of its config; a flag beats them.
  const count = (flag: 'servers' | 'agents', least: number): number =>
    Number(one(flag) ?? env[`K3D_${flag.toUpperCase()}`] ?? config[flag] ?? least);
  const image = one('image') ?? env['K3D_IMAGE'] ?? config.image ?? 'docker.io/rancher/k3s:v1.34.2-k3s1';
  const balanced = one('no-lb') !== 'true' && config.options?.k3d?.disableLoadbalancer !== true;
  const made = (role: 'server' | 'agent', n: number): Node[] =>
    Array.from({ length: n }, (_, i) => ({ name: `k3d-${name}-${role}-${i}`, role }));
  const nodes: Node[] = [
    ...(balanced ? [{ name: `k3d-${name}-serverlb`, role: 'loadbalancer' } as const] : []),
    ...made('server', count('servers', 1)),
    ...made('agent', count('agents', 0)),
  ];
  for (const arg of values['k3s-arg'] ?? [])
    nodesFor(arg, { one: 'K3sExtraArg', many: 'k3s extra args config' }, nodes);
  for (const label of values['runtime-label'] ?? [])
    nodesFor(label, { one: 'RuntimeLabelmapping', many: 'runtime label mapping' }, nodes);
  // Without a filter all nodes get a volume.
  for (const volume of (values['volume'] ?? []).filter((one) => one.includes('@')))
    nodesFor(volume, { one: 'Volumemapping', many: 'volume mapping' }, nodes);
  for (const port of values['port'] ?? []) nodesFor(port, undefined, nodes);
  const labelsOf = (node: Node): Record<string, string> =>
    Object.fromEntries(
      (values['runtime-label'] ?? []).flatMap((label) => {
        const { value, chosen } = nodesFor(label, undefined, nodes);
        return chosen.includes(node) ? [[value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)]] : [];
      }),
    );
  const labels = { app: 'k3d', 'k3d.cluster': name, 'k3d.cluster.network': `k3d-${name}` };
  if ((await ask<string[]>('list', { labels })).length > 0) {
    throw new Refusal(`Failed to create cluster '${name}' because a cluster with that name already exists`);
  }
  try {
    await phase('network', async () => {
      log('info', 'Prep: Network');
      await ask('network', { name: `k3d-${name}`, labels: { app: 'k3d' } });
      log('info', `Created network 'k3d-${name}'`);
    });
    await phase('volume', async () => {
      await ask('volume', { name: `k3d-${name}-images`, labels });
      log('info', `Created image volume k3d-${name}-images`);
    });
    await phase('tools', async () => {
      log('info', 'Starting new tools node...');
      await ask('container', {
        name: `k3d-${name}-tools`,
        image: 'tools',
        labels: { ...labels, 'k3d.role': 'noRole' },
      });
      log('info', `Starting node 'k3d-${name}-tools'`);
      await ask('start', { name: `k3d-${name}-tools` });
    });
    await phase('create', async () => {
      for (const node of nodes) {
        log('info', `Creating node '${node.name}'`);
        await ask('container', {
          name: node.name,
          image,
          labels: { ...labels, ...labelsOf(node), 'k3d.role': node.role },
        });
      }
    });
    await ask('remove', { name: `k3d-${name}-tools` });
    log('info', `Starting cluster '${name}'`);
    await startNodes(name, nodes);
    log('info', `Cluster '${name}' created successfully!`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log('error', error.message);
    throw new Refusal(
      one('no-rollback') === 'true'
        ? 'Cluster creation FAILED, rollback deactivated.'
        : 'Cluster creation FAILED, all changes have been rolled back!',
    );
  }
}

async function startNodes(name: string, nodes: readonly Node[]): Promise<void> {
  const start = async (node: Node): Promise<void> => {
    log('info', `Starting node '${node.name}'`);
    const file = env[node.role === 'server' ? 'HOIST_DOUBLE_SERVER_LOG' : 'HOIST_DOUBLE_AGENT_LOG'];
    const lines = file === undefined ? [] : readFileSync(file, 'utf8').trimEnd().split('\n');
    await ask('start', { name: node.name, lines });
    // Like k3d, which waits for a line that a broken k3s never writes.
    const ready = node.role === 'server' ? 'k3s is up and running' : 'Successfully registered node';
    if (lines.length > 0 && !lines.some((line) => line.includes(ready))) await sleep(2 ** 30);
  };
  await phase('start', async () => {
    log('info', 'Starting servers...');
    for (const node of nodes.filter(({ role }) => role === 'server')) await start(node);
  });
  await phase('agents', async () => {
    log('info', 'Starting agents...');
    await Promise.all(nodes.filter(({ role }) => role === 'agent').map(start));
  });
  await phase('inject', () => {
    log(
      'info',
      `Injecting records for hostAliases (incl. host.k3d.internal) and for ${nodes.length} network members into CoreDNS configmap...`,
    );
    return ask('injected', { name });
  });
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (env['HOIST_DOUBLE_ARGV']) appendFileSync(env['HOIST_DOUBLE_ARGV'], `${JSON.stringify({ argv })}\n`);
  const parsed = parseArgv(argv);
  const [name = ''] = parsed.operands;
  if (parsed.command === 'version') process.stdout.write('k3d version v5.9.0\nk3s version v1.34.2-k3s1 (default)\n');
  if (parsed.command === 'cluster create') await create(parsed);
  if (parsed.command === 'cluster start') {
    log('info', `Starting cluster '${name}'`);
    const found = await ask<{ name: string; role: Node['role'] }[]>('list', { labels: { 'k3d.cluster': name } });
    await startNodes(name, found);
  }
  if (parsed.command === 'registry create') {
    const labels = { app: 'k3d', 'k3d.cluster': '', 'k3d.role': 'registry' };
    log('info', `Creating node 'k3d-${name}'`);
    for (const volume of parsed.values['volume'] ?? []) {
      const [source = ''] = volume.split(':');
      if (!source.startsWith('/')) await ask('volume', { name: source, labels: {} });
    }
    await ask('container', { name: `k3d-${name}`, image: parsed.values['image']?.at(-1), labels });
    await ask('start', { name: `k3d-${name}`, lines: [] });
    log('info', `Successfully created registry 'k3d-${name}'`);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  log('fatal', error.message);
  process.exitCode = 1;
}
