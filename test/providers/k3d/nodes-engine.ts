// An engine with the nodes of one cluster, each of which holds files and answers commands: what a step does to nodes can be seen.

import { TAR_BLOCK, tarHeader, tarPadding } from '../../../scripts/host/files/tar-header.ts';
import type { DockerClient } from '../../../scripts/docker/client.ts';
import type { K3dRun } from '../../../scripts/providers/k3d/run.ts';
import { type Said, withEngine } from '../../docker/answering.ts';

export interface FakeNode {
  name: string;
  /** `server` where not given. */
  role?: string;
  state?: string;
  files?: Record<string, string>;
  /** What a command prints and how it ends; nothing, and well, where not given. */
  run?: (command: string) => readonly [output: string, exitCode: number];
}

/** A frame of output as the engine multiplexes it. */
function framed(text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = 1;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

function tarOf(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const end = Buffer.alloc(tarPadding(size) + 2 * TAR_BLOCK);
  return Buffer.concat([tarHeader('file', size, 0), Buffer.from(text), end]);
}

/** @param more what the engine says to all else, by path */
export async function withNodes(
  nodes: readonly FakeNode[],
  use: (engine: DockerClient, commands: readonly string[], asked: readonly string[]) => Promise<void>,
  more: Readonly<Record<string, Said>> | ((method: string, url: URL) => Said | undefined) = {},
): Promise<void> {
  const commands: string[] = [];
  const execs: (readonly [string, number])[] = [];
  const wire = ({ name, role = 'server', state = 'running' }: FakeNode): object => {
    const labels = { app: 'k3d', 'k3d.cluster': 'dev', 'k3d.role': role };
    return { Id: `id-${name}`, Names: [`/${name}`], Image: 'k3s', State: state, Labels: labels, Ports: [] };
  };
  const answer = (method: string, url: URL, body: string): Said | undefined => {
    const [kind, id = '', verb] = url.pathname.split('/').filter(Boolean);
    const said = typeof more === 'function' ? more(method, url) : more[url.pathname];
    if (said !== undefined) return said;
    if (url.pathname === '/containers/json') return nodes.map(wire);
    if (kind === 'exec') {
      if (body.includes('"Detach":true')) return {};
      const [output, exitCode] = execs[Number(id)] ?? ['', 0];
      return verb === 'json' ? { ExitCode: exitCode } : framed(output);
    }
    const node = nodes.find(({ name }) => id === `id-${name}` || id === name);
    if (node === undefined) return undefined;
    if (verb === 'exec') {
      const command = (JSON.parse(body) as { Cmd: string[] }).Cmd.join(' ');
      commands.push(`${node.name}: ${command}`);
      return { Id: String(execs.push(node.run?.(command) ?? ['', 0]) - 1) };
    }
    if (verb !== 'archive') return undefined;
    if (method === 'PUT') return {};
    const text = node.files?.[url.searchParams.get('path') ?? ''];
    return text === undefined ? undefined : tarOf(text);
  };
  await withEngine(answer, (engine, asked) => use(engine, commands, asked));
}

/** The run of the cluster `dev`, as far as the steps of nodes look at it. */
export function runOn(engine: DockerClient, plan: object = {}): K3dRun {
  return { docker: { engine }, plan: { name: 'dev', ...plan } } as unknown as K3dRun;
}

/** What a step is given, and what it noted. */
export function contextOf(): { signal: AbortSignal; notes: string[]; note: (text: string) => void } {
  const notes: string[] = [];
  return { signal: new AbortController().signal, notes, note: (text) => void notes.push(text) };
}
