// A stand-in for a Docker engine, as far as hoist and the k3d double use one: HTTP over a socket file, state in memory.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface DoubleContainer {
  id: string;
  name: string;
  image: string;
  state: 'created' | 'running' | 'restarting' | 'exited';
  labels: Record<string, string>;
  lines: string[];
  memory: number;
  nanoCpus: number;
  startedAt: string;
  /** Responses that follow the log. */
  followers: Set<ServerResponse>;
  /** Files that were put into it, by name; those of images hold a JSON list of their names. */
  files?: Map<string, Buffer>;
  /** Names of the images that its containerd has. */
  images?: Set<string>;
  /** Command lines of what runs in it; its k3s where not given. */
  processes?: string[];
  /** The engine's word for it: something in it was killed for want of memory. */
  oomKilled?: boolean;
  restarts?: number;
  /** Bytes that its processes hold. */
  held?: number;
}

export interface EngineDouble {
  /** For DOCKER_HOST. */
  host: string;
  containers: Map<string, DoubleContainer>;
  /** Names of containers by network. */
  networks: Map<string, { labels: Record<string, string>; members: Set<string> }>;
  volumes: Map<string, Record<string, string>>;
  images: Set<string>;
  /** Containers that were in a network when it went, with its name: none of them can be started. */
  stranded: Map<string, string>;
  /** Images in the order in which they were pulled. */
  pulls: string[];
  /** Containers in the order in which they were removed. */
  removed: string[];
  /** The kernel kills something in a container for want of memory. */
  killIn(name: string): void;
  close(): Promise<void>;
}

export interface EngineOptions {
  images?: readonly string[];
  /** The text of /output/kubeconfig.yaml in servers. */
  kubeconfig: string;
  /** The port that servers publish for their API. */
  apiPort: string;
  memoryBytes?: number;
  /** The mirrors that the engine has taken over from its daemon.json. */
  mirrors?: () => string[];
  /** Called when a node starts, before its first line of log. */
  onStart?: (container: DoubleContainer) => Promise<void>;
  /** Called when a container has been removed. */
  onRemove?: (name: string) => void;
  /** Called when somebody follows its events, or the log of the container of that name. */
  onFollow?: (what: 'events' | (string & {})) => void;
  /** Errors of pulls, one an attempt: the first is thrown at the first. */
  pullErrors?: string[];
  /** Errors of starts of servers, one a start. */
  startErrors?: string[];
  /** Whether an import of images brings nothing, and says that all is well. */
  emptyImports?: boolean;
}

const GIB = 2 ** 30;
const json = (value: unknown, status = 200): { status: number; body: Buffer } => ({
  status,
  body: Buffer.from(JSON.stringify(value)),
});
const missing = (what: string) => json({ message: `No such ${what}` }, 404);

export async function startEngine(options: EngineOptions): Promise<EngineDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-engine-'));
  const socket = join(folder, 'd.sock');
  const engine: Engine = {
    host: `unix://${socket}`,
    containers: new Map(),
    networks: new Map(),
    volumes: new Map(),
    stranded: new Map(),
    images: new Set(options.images),
    pulls: [],
    removed: [],
    watchers: new Set(),
  };
  const server = createServer((request, response) => {
    void answer(engine, options, request, response).then((reply) => {
      if (!reply) return;
      response.statusCode = reply.status;
      response.end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    ...engine,
    killIn(name) {
      for (const watcher of engine.watchers)
        watcher.write(`${JSON.stringify({ Action: 'oom', Actor: { Attributes: { name } } })}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Reply = { status: number; body: Buffer } | undefined;
/** With the responses that follow the engine's events. */
type Engine = Omit<EngineDouble, 'close' | 'killIn'> & { watchers: Set<ServerResponse> };

async function answer(
  engine: Engine,
  options: EngineOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://docker');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const text = request.headers['content-type'] === 'application/x-tar' ? '' : raw.toString();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const { pathname } = url;
  const parts = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  if (parts[0] === 'double') return control(engine, options, parts[1] ?? '', body);
  if (pathname === '/info') {
    return json({
      ...{
        Name: 'double',
        ServerVersion: '28.5.1',
        OperatingSystem: 'Double Linux',
        KernelVersion: '6.1',
        Architecture: 'x86_64',
      },
      ...{
        NCPU: 4,
        MemTotal: options.memoryBytes ?? 8 * GIB,
        CgroupVersion: '2',
        CgroupDriver: 'systemd',
        Driver: 'overlay2',
      },
      ...{ DockerRootDir: '/nowhere/docker', ContainersRunning: 0 },
      RegistryConfig: { Mirrors: options.mirrors?.() ?? [] },
    });
  }
  if (parts[0] === 'images') return images(engine, options, request.method ?? 'GET', pathname, url.searchParams);
  if (parts[0] === 'networks') return networks(engine, request.method ?? 'GET', parts, body);
  if (parts[0] === 'volumes') {
    if (request.method === 'DELETE') engine.volumes.delete(parts[1] ?? '');
    if (request.method === 'POST') {
      const { Name, Labels } = body as { Name: string; Labels: Record<string, string> };
      if (!engine.volumes.has(Name)) engine.volumes.set(Name, Labels);
      return json({ Name }, 201);
    }
    const wanted = labelFilter(url);
    const found = [...engine.volumes].filter(([, labels]) => wanted(labels));
    return json({ Volumes: found.map(([Name]) => ({ Name })) });
  }
  if (parts[0] === 'events') {
    if (url.searchParams.has('until')) return { status: 200, body: Buffer.alloc(0) };
    response.writeHead(200).flushHeaders();
    engine.watchers.add(response);
    options.onFollow?.('events');
    response.on('close', () => engine.watchers.delete(response));
    return undefined;
  }
  if (parts[0] === 'system') return json({ Volumes: [] });
  if (parts[0] === 'exec') {
    return parts[2] === 'json'
      ? json({ ExitCode: 0 })
      : { status: 200, body: executed(engine, options, parts[1] ?? '') };
  }
  if (pathname === '/containers/json') return json(listed(engine, url));
  if (request.method === 'PUT' && parts[2] === 'archive') return put(engine, parts[1] ?? '', raw);
  return container(engine, options, request.method ?? 'GET', parts, url, body, response);
}

/** A single file in a tar archive. */
function put(engine: Engine, id: string, tar: Buffer): Reply {
  const one = [...engine.containers.values()].find((c) => c.id === id);
  if (!one) return missing(`container: ${id}`);
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  (one.files ??= new Map<string, Buffer>()).set(
    tar.toString('utf8', 0, 100).replace(/\0.*$/s, ''),
    tar.subarray(512, 512 + size),
  );
  return { status: 200, body: Buffer.alloc(0) };
}

/** What a command in a container writes, as far as containerd is concerned; the id of an exec holds its command. */
function executed(engine: Engine, { emptyImports }: EngineOptions, exec: string): Buffer {
  const [id, ...command] = JSON.parse(Buffer.from(exec, 'base64url').toString()) as string[];
  const one = [...engine.containers.values()].find((c) => c.id === id);
  const file = (command.at(-1) ?? '').slice(1);
  if (command.includes('list')) return framed([...(one?.images ?? [])].join('\n'));
  if (command.includes('import') && emptyImports !== true) {
    const names = JSON.parse((one?.files?.get(file) ?? '[]').toString()) as string[];
    // As containerd names them.
    const brought = names.map((name) => (name.includes('/') ? name : `docker.io/library/${name}`));
    if (one) one.images = new Set([...(one.images ?? []), ...brought]);
  }
  if (command[0] === 'rm') one?.files?.delete(file);
  return Buffer.alloc(0);
}

function labelFilter(url: URL): (labels: Record<string, string>) => boolean {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as { label?: string[] };
  return (labels) =>
    (filters.label ?? []).every((entry) => labels[entry.split('=')[0] ?? ''] === entry.slice(entry.indexOf('=') + 1));
}

function listed(engine: Engine, url: URL): object[] {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as { name?: string[]; network?: string[] };
  const named = (name: string): boolean =>
    filters.name === undefined || filters.name.some((re) => new RegExp(re).test(`/${name}`));
  const wanted = labelFilter(url);
  const inside = (name: string): boolean =>
    filters.network === undefined || filters.network.some((one) => engine.networks.get(one)?.members.has(name));
  return [...engine.containers.values()]
    .filter(
      ({ labels, name, state }) =>
        wanted(labels) && named(name) && inside(name) && (url.searchParams.has('all') || state === 'running'),
    )
    .map(({ id, name, image, state, labels }) => ({
      Id: id,
      Names: [`/${name}`],
      Image: image,
      State: state,
      Labels: labels,
      Ports: [],
    }));
}

function images(
  engine: Engine,
  options: EngineOptions,
  method: string,
  pathname: string,
  query: URLSearchParams,
): Reply {
  if (pathname === '/images/get') return json(query.getAll('names'));
  if (method === 'GET') {
    const name = pathname.replace(/^\/images\/|\/json$/g, '');
    return engine.images.has(name) ? json({ Id: name, Os: 'linux', Architecture: 'amd64', Size: 1 }) : missing('image');
  }
  const name = query.get('fromImage') ?? '';
  const error = options.pullErrors?.shift();
  engine.pulls.push(name);
  const lines = [
    { id: 'layer', status: 'Downloading', progressDetail: { current: 5, total: 10 } },
    ...(error === undefined ? [{ id: 'layer', status: 'Pull complete' }] : [{ error }]),
  ];
  if (error === undefined) engine.images.add(name);
  return { status: 200, body: Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')) };
}

function networks(engine: Engine, method: string, [, name = '', verb]: string[], body: Record<string, unknown>): Reply {
  const wire = ([Name, { labels, members }]: [string, { labels: Record<string, string>; members: Set<string> }]) => ({
    ...{ Id: Name, Name, Labels: labels, IPAM: { Config: [{ Subnet: '172.30.0.0/16', Gateway: '172.30.0.1' }] } },
    Containers: Object.fromEntries(
      // A network tells only of what runs.
      [...members]
        .filter((member) => engine.containers.get(member)?.state === 'running')
        .map((member) => [engine.containers.get(member)?.id ?? member, { Name: member, IPv4Address: '172.30.0.9/16' }]),
    ),
  });
  if (name === '') return json([...engine.networks].map(wire));
  const network = engine.networks.get(name);
  if (!network) return missing('network');
  const of = [...engine.containers.values()].find(({ id, name: own }) => [id, own].includes(String(body['Container'])));
  if (verb === 'connect' && of) network.members.add(of.name);
  if (verb === 'disconnect' && of) network.members.delete(of.name);
  if (method === 'DELETE') {
    engine.networks.delete(name);
    for (const member of network.members) engine.stranded.set(member, name);
  }
  return json(wire([name, network]));
}

function container(
  engine: Engine,
  options: EngineOptions,
  method: string,
  [, id = '', verb]: string[],
  url: URL,
  body: Record<string, unknown>,
  response: ServerResponse,
): Reply {
  const one = [...engine.containers.values()].find((c) => c.id === id || c.name === id);
  if (!one) return missing(`container: ${id}`);
  const ends = (): void => {
    one.state = 'exited';
    for (const follower of one.followers) follower.end();
    one.followers.clear();
  };
  if (method === 'DELETE') {
    ends();
    engine.containers.delete(one.name);
    engine.removed.push(one.name);
    options.onRemove?.(one.name);
    for (const { members } of engine.networks.values()) members.delete(one.name);
  }
  if (verb === 'stop') ends();
  const gone = engine.stranded.get(one.name);
  if (verb === 'start' && gone !== undefined) return missing(`network: ${gone}`);
  if (verb === 'start') {
    one.state = 'running';
    one.startedAt = new Date().toISOString();
  }
  if (verb === 'update') {
    one.memory = Number(body['Memory'] ?? one.memory);
    one.nanoCpus = Number(body['NanoCpus'] ?? one.nanoCpus);
  }
  if (verb === 'exec') {
    const command = [one.id, ...((body['Cmd'] ?? []) as string[])];
    return json({ Id: Buffer.from(JSON.stringify(command)).toString('base64url') });
  }
  if (verb === 'top') return json({ Processes: (one.processes ?? ['/bin/k3s server']).map((line) => ['1', line]) });
  if (verb === 'stats') return json({ memory_stats: { stats: { anon: one.held ?? 0 } } });
  if (verb === 'archive') return archive(one, options, url.searchParams.get('path') ?? '');
  if (verb === 'logs') {
    response.writeHead(200);
    for (const line of one.lines) response.write(framed(line));
    if (url.searchParams.get('follow') === 'true' && one.state === 'running') {
      one.followers.add(response);
      options.onFollow?.(one.name);
    } else response.end();
    return undefined;
  }
  return json({
    ...{
      Id: one.id,
      Name: `/${one.name}`,
      Created: '2026-01-01T00:00:00Z',
      Image: one.image,
      RestartCount: one.restarts ?? 0,
    },
    State: {
      Status: one.state,
      Running: one.state === 'running',
      OOMKilled: one.oomKilled ?? false,
      ExitCode: 0,
      Error: '',
      StartedAt: one.startedAt,
      FinishedAt: '',
    },
    Config: { Image: one.image, Cmd: [], Env: ['K3S_TOKEN=very-secret'], Labels: one.labels },
    HostConfig: { Memory: one.memory, NanoCpus: one.nanoCpus, Binds: [] },
    NetworkSettings: {
      Ports: publishedPorts(one, options),
      Networks: Object.fromEntries(
        [...engine.networks].filter(([, { members }]) => members.has(one.name)).map(([name]) => [name, {}]),
      ),
    },
  });
}

function publishedPorts(one: DoubleContainer, { apiPort }: EngineOptions): Record<string, object[]> {
  const at = (HostPort: string): object[] => [{ HostIp: '127.0.0.1', HostPort }];
  if (one.labels['k3d.role'] === 'server') return { '6443/tcp': at(apiPort) };
  return one.labels['k3d.role'] === 'registry' ? { '5000/tcp': at('5001') } : {};
}

function archive(one: DoubleContainer, { kubeconfig }: EngineOptions, path: string): Reply {
  const text =
    path === '/output/kubeconfig.yaml'
      ? kubeconfig
      : path === '/etc/hosts'
        ? '172.30.0.1 host.k3d.internal\n'
        : undefined;
  if (text === undefined || one.state !== 'running') return missing('file');
  const head = Buffer.alloc(512);
  head.write('file', 0);
  head.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124);
  head.write('0', 156);
  return {
    status: 200,
    body: Buffer.concat([head, Buffer.from(text), Buffer.alloc(512 - (Buffer.byteLength(text) % 512) + 1024)]),
  };
}

function framed(line: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(Buffer.byteLength(line) + 1, 4);
  return Buffer.concat([head, Buffer.from(`${line}\n`)]);
}

/** What the k3d double asks for. */
async function control(
  engine: Engine,
  options: EngineOptions,
  verb: string,
  body: Record<string, unknown>,
): Promise<Reply> {
  const name = String(body['name']);
  const labels = (body['labels'] ?? {}) as Record<string, string>;
  if (verb === 'network') engine.networks.set(name, { labels, members: new Set() });
  if (verb === 'volume' && !engine.volumes.has(name)) engine.volumes.set(name, labels);
  if (verb === 'container') {
    if (engine.containers.has(name)) return json('already in use', 409);
    const id = `id-${name}`;
    engine.containers.set(name, {
      id,
      name,
      image: String(body['image']),
      state: 'created',
      labels,
      lines: [],
      memory: 0,
      nanoCpus: 0,
      startedAt: '',
      followers: new Set(),
    });
    engine.networks.get(labels['k3d.cluster.network'] ?? '')?.members.add(name);
  }
  if (verb === 'remove') engine.containers.delete(name);
  if (verb === 'start') {
    const one = engine.containers.get(name);
    if (!one) return missing(`container: ${name}`);
    const error = one.labels['k3d.role'] === 'server' ? options.startErrors?.shift() : undefined;
    if (error !== undefined) return { status: 500, body: Buffer.from(error) };
    one.state = 'running';
    one.startedAt = new Date().toISOString();
    one.lines = [];
    await options.onStart?.(one);
    for (const line of (body['lines'] ?? []) as string[]) {
      one.lines.push(line);
      for (const follower of one.followers) follower.write(framed(line));
    }
  }
  if (verb !== 'list') return json(null);
  const found = [...engine.containers.values()].filter((one) =>
    Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  return json(found.map((one) => ({ name: one.name, role: one.labels['k3d.role'] })));
}
