// Whether the ports that a cluster publishes are free, and if not, whose they are.

import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type Finding, fail, ok } from './finding.ts';

/** @param address that the port is bound on; `0.0.0.0` for all. */
export async function checkPort(port: number, address: string, owners: PortOwners): Promise<Finding> {
  const name = `port ${port}`;
  const error = await bindError(port, address);
  const code = error && ('code' in error ? String(error.code) : error.message);
  if (code === undefined) return ok(name, 'free');
  if (code === 'EACCES') return fail(name, 'only root may use it', 'Take a port above 1023.');
  if (code !== 'EADDRINUSE')
    return fail(name, `cannot be used on ${address}: ${code}`, 'Choose another port or address.');
  const owner = owners.containers.get(port) ?? (await processOn(port)) ?? "another user's process";
  return fail(name, `is taken by ${owner}`, 'Stop it, or choose another port.');
}

export interface PortOwners {
  /** `container NAME` by the port that it publishes. */
  containers: ReadonlyMap<number, string>;
}

/**
 * Why a TCP port cannot be listened on; undefined where it can.
 * @param meanwhile done while it is listened on; clients that connect are disconnected at once
 */
export async function bindError(
  port: number,
  host: string,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<Error | undefined> {
  const server = createServer((socket) => socket.destroy());
  const failure = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ port, host, exclusive: true }, () => resolve(undefined));
  });
  if (failure) return failure;
  try {
    await meanwhile();
    return undefined;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The process that listens on a port, as `NAME (pid N)`; undefined where the kernel does not show it to this user. */
async function processOn(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const inode = tables.map((table) => listeningInode(table, port)).find((found) => found !== undefined);
  if (inode === undefined) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry));
  for (const pid of pids) {
    const links = await openFiles(pid);
    if (!links.includes(`socket:[${inode}]`)) continue;
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
    return `${name} (pid ${pid})`;
  }
  return undefined;
}

async function openFiles(pid: string): Promise<(string | undefined)[]> {
  const folder = `/proc/${pid}/fd`;
  const files = await readdir(folder).catch(() => []);
  return Promise.all(files.map((file) => readlink(`${folder}/${file}`).catch(() => undefined)));
}

/** The socket that listens on a port, in the format of /proc/net/tcp. */
export function listeningInode(table: string, port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n').slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === '0A' && local?.endsWith(`:${hex}`) === true) return inode;
  }
  return undefined;
}
