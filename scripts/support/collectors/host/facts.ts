// Facts of the machine that stand in /proc, /sys and /etc: processor, memory, operating system, interfaces, modules.

import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HoistError } from '../../../base/errors.ts';
import { type Collector, type HostReach, type Running, json, machineOf } from '../collector.ts';

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

const read = async (host: HostReach, path: string): Promise<string> =>
  (await machineOf(host).read(path)).toString('utf8');

export const cpu = fact('cpu.json', async ({ host }) => {
  const { machine } = await machineOf(host).system();
  const blocks = (await read(host, '/proc/cpuinfo')).split(/\n\n+/).filter((block) => /^processor\s*:/m.test(block));
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
    machineArch: machine,
  };
});

export const memory = fact('memory.json', async ({ host }) => {
  const kib = /^MemTotal:\s+(\d+) kB/m.exec(await read(host, '/proc/meminfo'))?.[1];
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
  const text = await read(host, '/etc/os-release').catch(() => read(host, '/usr/lib/os-release'));
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const id = value('ID').toLowerCase();
  const platform = { ol: 'oracle', amzn: 'amazon', rhel: 'redhat' }[id] ?? id;
  const likes = [id, ...value('ID_LIKE').split(' ')];
  const family = likes.flatMap((like) => FAMILIES.find(([, ids]) => ids.test(like))?.[0] ?? [])[0] ?? '';
  const { hostname: name, kernel } = await machineOf(host).system();
  return {
    name,
    kernelVersion: kernel,
    platformVersion: value('VERSION_ID'),
    platform,
    platformFamily: family,
  };
});

/** Flags of the kernel as those of Go's net package: up, broadcast, loopback, point to point, multicast, running. */
const FLAGS: readonly (readonly [kernel: number, go: number])[] = [
  [0x1, 1],
  [0x2, 2],
  [0x8, 4],
  [0x10, 8],
  [0x1000, 16],
  [0x40, 32],
];

/** One entry for each interface with an IPv4 address that is not the loopback one; `Addrs` is hoist's own. */
export const ipv4Interfaces = fact('ipv4Interfaces.json', async ({ host }) =>
  Promise.all(
    (await machineOf(host).interfaces()).map(async ({ name, mac, addresses }) => {
      const of = async (file: string): Promise<number> =>
        Number((await read(host, `/sys/class/net/${name}/${file}`).catch(() => '0')).trim());
      const [index, mtu, flags] = await Promise.all(['ifindex', 'mtu', 'flags'].map(of));
      return {
        Index: index,
        MTU: mtu,
        Name: name,
        HardwareAddr: Buffer.from(mac.replaceAll(':', ''), 'hex').toString('base64'),
        Flags: FLAGS.reduce((sum, [kernel, go]) => (((flags ?? 0) & kernel) === 0 ? sum : sum + go), 0),
        Addrs: addresses,
      };
    }),
  ),
);

interface Module {
  size: number;
  instances: number;
  status: 'loaded' | 'loadable' | 'loading' | 'unloading' | 'unknown';
}

export const kernelModules = fact('kernel_modules.json', async ({ host, problem }) => {
  const modules: Record<string, Module> = {};
  const machine = machineOf(host);
  const { kernel } = await machine.system();
  const folders = [`/lib/modules/${kernel}`, `/usr/lib/modules/${kernel}`];
  const nameOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.ko.*$/, '').replaceAll('-', '_');
  for (const folder of folders) {
    const files = await machine.filesBelow(folder);
    if (!files) continue;
    for (const file of files)
      if (/\.ko(\.\w+)?$/.test(file)) modules[nameOf(file)] = { size: 0, instances: 0, status: 'loadable' };
    const builtin = await read(host, `${folder}/modules.builtin`).catch(() => '');
    for (const line of builtin.split('\n'))
      if (line !== '') modules[nameOf(line)] = { size: 0, instances: 0, status: 'loaded' };
    break;
  }
  const loaded = await read(host, '/proc/modules').catch(() => {
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
  const machine = machineOf(host);
  const { kernel } = await machine.system();
  const places = [
    'proc/config.gz',
    `boot/config-${kernel}`,
    `usr/lib/modules/${kernel}/config`,
    `usr/lib/ostree-boot/config-${kernel}`,
    `usr/lib/kernel/config-${kernel}`,
    `lib/modules/${kernel}/build/.config`,
  ];
  for (const place of places) {
    const bytes = await machine.read(`/${place}`).catch(() => undefined);
    if (!bytes) continue;
    const text = (place.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    const set = Array.from(text.matchAll(/^(CONFIG_\w+)=([ymn])\s*$/gm), ([, name = '', value = '']) => [name, value]);
    return Object.fromEntries(set) as Record<string, string>;
  }
  throw new HoistError(
    `no configuration of the kernel ${kernel} was found: ${places.map((place) => `/${place}`).join(', ')}`,
  );
});

const CONTROLLERS = /^\S+/gm;

export const cgroups = fact('cgroups.json', async ({ host, item }) => {
  const mount = typeof item.spec['mountPoint'] === 'string' ? item.spec['mountPoint'] : '/sys/fs/cgroup';
  const unified = await read(host, join(mount, 'cgroup.controllers')).catch(() => undefined);
  const v1 = (await read(host, '/proc/cgroups').catch(() => ''))
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
