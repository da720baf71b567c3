// What host collectors see of a machine: this one, or a node that is looked at through a pod.

import { readFile, stat } from 'node:fs/promises';
import { arch, hostname, networkInterfaces, release } from 'node:os';
import { join, relative } from 'node:path';
import { diskUsage } from '../../../host/preflight/disk.ts';
import { entriesBelow } from '../../../host/files/walk.ts';

export interface NetworkInterface {
  name: string;
  mac: string;
  /** Like `10.0.0.5/24`. */
  addresses: readonly string[];
}

export interface Machine {
  /** @param path absolute. @throws where it cannot be read */
  read(path: string): Promise<Buffer>;
  /** All files below a folder, relative to it; undefined where there is no such folder. */
  filesBelow(folder: string): Promise<string[] | undefined>;
  exists(path: string): Promise<boolean>;
  system(): Promise<{ hostname: string; kernel: string; machine: string }>;
  /** Those with an IPv4 address, but for the loopback one. */
  interfaces(): Promise<NetworkInterface[]>;
  /** Bytes of the file system that a path is on, or would be on. */
  disk(path: string): Promise<{ used: number; total: number }>;
  /** Connects from there, and says what went wrong; undefined where it connects. Not given of this machine. */
  connect?(target: { host: string; port: number; timeoutMs: number }): Promise<string | undefined>;
}

const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l' };

/** @param root `/`, or another folder in tests */
export function localMachine(root: string): Machine {
  return {
    read: (path) => readFile(join(root, path)),
    async filesBelow(folder) {
      const top = join(root, folder);
      const entries = await entriesBelow(top).catch(() => undefined);
      return entries?.map((entry) => relative(top, join(entry.parentPath, entry.name)));
    },
    exists: (path) =>
      stat(join(root, path)).then(
        () => true,
        () => false,
      ),
    system: () => Promise.resolve({ hostname: hostname(), kernel: release(), machine: MACHINES[arch()] ?? arch() }),
    interfaces: () =>
      Promise.resolve(
        Object.entries(networkInterfaces())
          .filter(([, all = []]) => all.some(({ family, internal }) => family === 'IPv4' && !internal))
          .map(([name, all = []]) => ({
            name,
            mac: all[0]?.mac ?? '',
            addresses: all.flatMap(({ cidr }) => cidr ?? []),
          })),
      ),
    disk: (path) => diskUsage(join(root, path)),
  };
}
