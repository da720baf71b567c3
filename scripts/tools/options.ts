// What finding and providing tools depends on, and what follows from it: the platform, the pins, the folders.

import { join } from 'node:path';
import { HoistError } from '../base/errors.ts';
import type { Exec } from '../host/exec.ts';
import { type Environment, cacheHome } from '../host/paths.ts';
import type { Patience } from './download/watch.ts';
import { type Arch, PINS, type Pin, type Platform, type ToolName } from './pins.ts';

export interface ToolOptions {
  /** HOIST_TOOL_NAME, HOIST_MIRROR, HOIST_TOOLS_LOCK, PATH, the XDG and the proxy variables are read from it. */
  env: Environment;
  exec: Exec;
  /** Binaries that the settings name; they win over HOIST_TOOL_NAME. */
  paths?: Partial<Record<ToolName, string>>;
  /** Base URL below which each publisher's files are found by host and path; wins over HOIST_MIRROR. */
  mirror?: string;
  /** Take the place of the built-in pins of the same names. */
  pins?: Partial<Record<ToolName, Pin>>;
  platform?: Platform;
  /** When a download is no longer waited for alone. */
  patience?: Patience;
}

export function pinOf(name: ToolName, { pins }: ToolOptions): Pin {
  return pins?.[name] ?? PINS[name];
}

/** @throws HoistError on a platform that no tool is published or built for. */
export function platformOf({ platform }: ToolOptions): Platform {
  if (platform) return platform;
  const os = process.platform;
  const arch = ({ x64: 'amd64', arm64: 'arm64' } as Partial<Record<string, Arch>>)[process.arch];
  if ((os === 'linux' || os === 'darwin') && arch) return { os, arch };
  throw new HoistError(`hoist does not run on ${os}/${process.arch}`, {
    hint: 'Use linux or darwin, on amd64 or arm64.',
  });
}

export function toolsFolder({ env }: ToolOptions): string {
  return join(cacheHome(env), 'tools');
}

/** A home folder may be shared by machines of several kinds, so the platform is in the name. */
export function toolFolder(pin: Pin, options: ToolOptions): string {
  const { os, arch } = platformOf(options);
  return join(toolsFolder(options), pin.name, `${pin.version}-${os}-${arch}`);
}

/** Where the cache has the pinned version's binary. */
export function toolFile(pin: Pin, options: ToolOptions): string {
  return join(toolFolder(pin, options), pin.name);
}

export function lockFile(name: string, options: ToolOptions): string {
  return join(toolsFolder(options), 'locks', `${name}.lock`);
}

/** `etcd 3.6.8` */
export function title(pin: Pin): string {
  return `${pin.name} ${pin.version}`;
}

/** The env variable that names a binary of the user's own. */
export function pathVariable(name: ToolName): string {
  return `HOIST_TOOL_${name.toUpperCase().replaceAll('-', '_')}`;
}
