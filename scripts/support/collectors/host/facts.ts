// Facts of the machine that stand in /proc, /sys and /etc: processor, memory, operating system, interfaces, modules.

import { readFile, readdir } from 'node:fs/promises';
import { arch, networkInterfaces, release, hostname } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HoistError } from '../../../base/errors.ts';
import { type Collector, type Running, json } from '../collector.ts';

/** One file with what a function finds out. */
function fact(file: string, find: (running: Running) => Promise<unknown>): Collector {
  const path = `host-collectors/system/${file}`;
  return {
    claim: () => path,
    timeoutMs: 10_000,
    async run(running) {
      const own = running.suffix === '' ? path : path.replace(/\.json$/, `${running.suffix}.json`);
      await running.sink.add({ path: own, content: json(await find(running)) });
    },
  };
}

const MACHINES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l' };

const read = (root: string, path: string): Promise<string> => readFile(join(root, path), 'utf8');

export const cpu = fact('cpu.json', async ({ host }) => {
  const blocks = (await read(host.root, 'proc/cpuinfo'))
    .split(/\n\n+/)
    .filter((block) => /^processor\s*:/m.test(block));
  const field = (block: string, name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(block)?.[1];
  const cores = new Set(
    blocks.map(
      (block) => `${field(block, 'physical id') ?? ''}/${field(block, 'core id') ?? field(block, 'processor') ?? ''}`,
    ),
  );
  const flags = new Set(
    blocks.flatMap((block) => (field(block, 'flags') ?? field(block, 'Features') ?? '').split(' ')),
  );
  return {
    logicalCount: blocks.length,
    physicalCount: cores.size,
    flags: [...flags].filter((flag) => flag !== ''),
    machineArch: MACHINES[arch()] ?? arch(),
  };
});

export const memory = fact('memory.json', async ({ host }) => {
  const kib = /^MemTotal:\s+(\d+) kB/m.exec(await read(host.root, 'proc/meminfo'))?.[1];
  if (kib === undefined) throw new HoistError('/proc/meminfo has no MemTotal');
  return { total: Number(kib) * 1024 };
});

const FAMILIES: readonly (readonly [family: string, ids: RegExp])[] = [
  ['debian', /^(debian|ubuntu|linuxmint|raspbian)$/],
  ['rhel', /^(rhel|centos|rocky|almalinux|ol|oracle|scientific|amzn|amazon)$/],
  ['fedora', /^fedora$/],
  ['suse', /^(sles|opensuse.*|suse)$/],
  ['alpine', /^alpine$/],
  ['arch', /^arch$/],
];

export const hostOS = fact('hostos_info.json', async ({ host }) => {
  const text = await read(host.root, 'etc/os-release').catch(() => read(host.root, 'usr/lib/os-release'));
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const id = value('ID').toLowerCase();
  const platform = { ol: 'oracle', amzn: 'amazon', rhel: 'redhat' }[id] ?? id;
  const likes = [id, ...value('ID_LIKE').split(' ')];
  const family = likes.flatMap((like) => FAMILIES.find(([, ids]) => ids.test(like))?.[0] ?? [])[0] ?? '';
  return {
    name: hostname(),
    kernelVersion: release(),
    platformVersion: value('VERSION_ID'),
    platform,
    platformFamily: family,
  };
});

/** One entry for each IPv4 address that is not of the loopback interface. */
export const ipv4Interfaces = fact('ipv4Interfaces.json', () => {
  const found = Object.entries(networkInterfaces()).filter(([, addresses = []]) =>
    addresses.some(({ family, internal }) => family === 'IPv4' && !internal),
  );
  return Promise.resolve(
    found.map(([name, addresses = []]) => ({
      Name: name,
      HardwareAddr: addresses[0]?.mac,
      Addrs: addresses.map(({ cidr }) => cidr),
    })),
  );
});

interface Module {
  size: number;
  instances: number;
  status: 'loaded' | 'loadable' | 'loading' | 'unloading' | 'unknown';
}

export const kernelModules = fact('kernel_modules.json', async ({ host, problem }) => {
  const modules: Record<string, Module> = {};
  const folders = [`lib/modules/${release()}`, `usr/lib/modules/${release()}`];
  const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.ko.*$/, '').replaceAll('-', '_');
  for (const folder of folders) {
    const files = await readdir(join(host.root, folder), { recursive: true }).catch(() => undefined);
    if (!files) continue;
    for (const file of files)
      if (/\.ko(\.\w+)?$/.test(file)) modules[nameOf(file)] = { size: 0, instances: 0, status: 'loadable' };
    const builtin = await read(host.root, `${folder}/modules.builtin`).catch(() => '');
    for (const line of builtin.split('\n'))
      if (line !== '') modules[nameOf(line)] = { size: 0, instances: 0, status: 'loaded' };
    break;
  }
  const loaded = await read(host.root, 'proc/modules').catch(() => {
    problem('/proc/modules cannot be read: which modules are loaded is not known');
    return '';
  });
  const states: Readonly<Record<string, Module['status']>> = {
    Live: 'loaded',
    Loading: 'loading',
    Unloading: 'unloading',
  };
  for (const line of loaded.split('\n')) {
    const [name = '', size, instances, , state = ''] = line.split(' ');
    if (name !== '')
      modules[name] = { size: Number(size), instances: Number(instances), status: states[state] ?? 'unknown' };
  }
  return modules;
});

export const kernelConfigs = fact('kernel-configs.json', async ({ host }) => {
  const kernel = release();
  const places = [
    'proc/config.gz',
    `boot/config-${kernel}`,
    `usr/lib/modules/${kernel}/config`,
    `usr/lib/ostree-boot/config-${kernel}`,
    `usr/lib/kernel/config-${kernel}`,
    `lib/modules/${kernel}/build/.config`,
  ];
  for (const place of places) {
    const bytes = await readFile(join(host.root, place)).catch(() => undefined);
    if (!bytes) continue;
    const text = (place.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const set = Array.from(text.matchAll(/^(CONFIG_\w+)=([ym])\s*$/gm), ([, name = '', value = '']) => [name, value]);
    const unset = Array.from(text.matchAll(/^# (CONFIG_\w+) is not set/gm), ([, name = '']) => [name, 'n']);
    return Object.fromEntries([...set, ...unset]) as Record<string, string>;
  }
  throw new HoistError(
    `no configuration of the kernel ${kernel} was found: ${places.map((place) => `/${place}`).join(', ')}`,
  );
});

const CONTROLLERS = /^\S+/gm;

export const cgroups = fact('cgroups.json', async ({ host, item }) => {
  const mount = typeof item.spec['mountPoint'] === 'string' ? item.spec['mountPoint'] : '/sys/fs/cgroup';
  const unified = await read(host.root, join(mount, 'cgroup.controllers')).catch(() => undefined);
  const v1 = (await read(host.root, 'proc/cgroups').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => line.match(CONTROLLERS) ?? []);
  const of = (enabled: boolean, controllers: string[]): object => ({ enabled, mountPoint: mount, controllers });
  const second = unified === undefined ? [] : unified.trim().split(/\s+/);
  return {
    'cgroup-enabled': unified !== undefined || v1.length > 0,
    'cgroup-v1': of(unified === undefined && v1.length > 0, unified === undefined ? v1 : []),
    'cgroup-v2': of(unified !== undefined, second),
    allControllers: unified === undefined ? v1 : second,
  };
});
