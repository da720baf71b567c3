// What an engine says of itself: its size is that of the machine which runs the nodes, not that of this one.

import type { DockerClient } from './client.ts';

/** The fields of `docker info` that hoist uses. */
export interface EngineInfo {
  name: string;
  serverVersion: string;
  operatingSystem: string;
  kernelVersion: string;
  /** `x86_64`, `aarch64`. */
  architecture: string;
  cpus: number;
  memoryBytes: number;
  /** Who says how large it is, where that is not the engine. */
  sizeFrom?: string;
  cgroupVersion: 1 | 2;
  cgroupDriver: string;
  storageDriver: string;
  rootDir: string;
  rootless: boolean;
  containersRunning: number;
  httpProxy: string;
  httpsProxy: string;
  noProxy: string;
  registryMirrors: readonly string[];
}

interface WireInfo {
  Name: string;
  ServerVersion: string;
  OperatingSystem: string;
  KernelVersion: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  CgroupVersion?: string;
  CgroupDriver?: string;
  Driver: string;
  DockerRootDir: string;
  SecurityOptions?: readonly string[] | null;
  ContainersRunning: number;
  HttpProxy?: string;
  HttpsProxy?: string;
  NoProxy?: string;
  RegistryConfig?: { Mirrors?: readonly string[] | null } | null;
}

export async function engineInfo(engine: DockerClient, signal?: AbortSignal): Promise<EngineInfo> {
  const info = await engine.json<WireInfo>({ path: '/info', signal, timeoutMs: 30_000 });
  return {
    name: info.Name,
    serverVersion: info.ServerVersion,
    operatingSystem: info.OperatingSystem,
    kernelVersion: info.KernelVersion,
    architecture: info.Architecture,
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    cgroupDriver: info.CgroupDriver ?? '',
    storageDriver: info.Driver,
    rootDir: info.DockerRootDir,
    rootless: (info.SecurityOptions ?? []).some((option) => option.includes('rootless')),
    containersRunning: info.ContainersRunning,
    httpProxy: info.HttpProxy ?? '',
    httpsProxy: info.HttpsProxy ?? '',
    noProxy: info.NoProxy ?? '',
    registryMirrors: info.RegistryConfig?.Mirrors ?? [],
  };
}

/** The platform that the engine's containers run on, as images name it: `linux/amd64`. */
export function platformOf({ architecture }: Pick<EngineInfo, 'architecture'>): string {
  const names: Readonly<Record<string, string>> = {
    x86_64: 'amd64',
    aarch64: 'arm64',
    armv7l: 'arm',
    i686: '386',
  };
  return `linux/${names[architecture] ?? architecture}`;
}
