// Facts of a machine out of its files: processors, memory, systems, modules, kernels, cgroups, as each distribution writes them.

import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Collector, Running } from '../../../../scripts/support/collectors/collector.ts';
import * as facts from '../../../../scripts/support/collectors/host/facts.ts';
import { subnetAvailable } from '../../../../scripts/support/collectors/host/network.ts';
import type { Machine } from '../../../../scripts/support/collectors/host/machine.ts';

const fact = suite('support/collectors/host/facts');

type Files = Readonly<Record<string, string | Buffer>>;

/** What a collector writes on a machine that has these files alone. */
async function collected(
  collector: Collector,
  files: Files,
  { spec = {}, suffix = '' }: { spec?: object; suffix?: string } = {},
): Promise<{ path: string; value: unknown; problems: string[] }> {
  const machine = {
    read: (path: string) =>
      files[path] === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(Buffer.from(files[path])),
    system: () => Promise.resolve({ hostname: 'box', kernel: '6.1', machine: 'x86_64' }),
    interfaces: () => Promise.resolve([{ name: 'eth0', mac: 'aa:bb', addresses: ['10.0.0.1/24'] }]),
    filesBelow: (folder: string) => {
      const below = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      return Promise.resolve(below.length === 0 ? undefined : below.map((path) => path.slice(folder.length + 1)));
    },
  } as unknown as Machine;
  const written: { path: string; value: unknown }[] = [];
  const problems: string[] = [];
  await collector.run({
    item: { spec },
    suffix,
    host: { machine, root: '/', env: {} },
    problem: (text: string) => void problems.push(text),
    note: () => undefined,
    sink: {
      add: ({ path, content }: { path: string; content: Buffer }) => {
        written.push({ path, value: JSON.parse(content.toString()) });
        return Promise.resolve();
      },
    },
  } as unknown as Running);
  assert.is(written.length, 1);
  return { path: '', value: undefined, ...written[0], problems };
}

const valueOf = async (collector: Collector, files: Files, options = {}): Promise<unknown> =>
  (await collected(collector, files, options)).value;

fact('processors: logical ones, cores, flags of any', async () => {
  const block = (lines: Record<string, string>): string =>
    Object.entries(lines)
      .map(([key, value]) => `${key}\t: ${value}\n`)
      .join('');
  const of = (...blocks: Record<string, string>[]): Promise<unknown> =>
    valueOf(facts.cpu, { '/proc/cpuinfo': blocks.map(block).join('\n') });
  assert.equal(
    await of(
      { processor: '0', 'physical id': '0', 'core id': '0', flags: 'fpu sse' },
      { processor: '1', 'physical id': '0', 'core id': '1', flags: 'fpu' },
      { processor: '2', 'physical id': '1', 'core id': '0', flags: '' },
      { processor: '3', 'physical id': '0', 'core id': '0', flags: 'avx' },
    ),
    { logicalCount: 4, physicalCount: 3, flags: ['fpu', 'sse', 'avx'], machineArch: 'x86_64' },
  );
  assert.equal(await of({ processor: '0', Features: 'fp asimd' }, { processor: '1' }, { Hardware: 'x' }), {
    logicalCount: 2,
    physicalCount: 2,
    flags: ['fp', 'asimd'],
    machineArch: 'x86_64',
  });
});

fact('memory in bytes', async () => {
  assert.equal(await valueOf(facts.memory, { '/proc/meminfo': 'MemFree: 1 kB\nMemTotal:       2 kB\n' }), {
    total: 2048,
  });
  await collected(facts.memory, { '/proc/meminfo': 'MemFree: 1 kB\n' }).then(
    () => assert.unreachable(),
    (error: unknown) => assert.is((error as Error).message, '/proc/meminfo has no MemTotal'),
  );
});

fact('systems by what they call themselves, and what they are like', async () => {
  const table: [id: string, like: string, platform: string, family: string][] = [
    ['ubuntu', 'debian', 'ubuntu', 'debian'],
    ['linuxmint', '', 'linuxmint', 'debian'],
    ['ol', 'fedora', 'oracle', 'rhel'],
    ['amzn', 'centos', 'amazon', 'rhel'],
    ['rhel', 'fedora', 'redhat', 'rhel'],
    ['Rocky', '"rhel centos fedora"', 'rocky', 'rhel'],
    ['fedora', '', 'fedora', 'fedora'],
    ['opensuse-leap', '"suse opensuse"', 'opensuse-leap', 'suse'],
    ['alpine', '', 'alpine', 'alpine'],
    ['arch', '', 'arch', 'arch'],
    ['pop', '"ubuntu debian"', 'pop', 'debian'],
    ['strange', '', 'strange', ''],
  ];
  for (const [id, like, platform, family] of table) {
    const text = `NAME=x\nID=${id}\nID_LIKE=${like}\nVERSION_ID="9.4"\n`;
    for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
      assert.equal(await valueOf(facts.hostOS, { [path]: text }), {
        name: 'box',
        kernelVersion: '6.1',
        platformVersion: '9.4',
        platform,
        platformFamily: family,
      });
    }
  }
});

fact('interfaces', async () => {
  const files = {
    '/sys/class/net/eth0/ifindex': '4\n',
    '/sys/class/net/eth0/mtu': '1400\n',
    // Up, broadcast, running, multicast, as the kernel counts and as Go does.
    '/sys/class/net/eth0/flags': '0x1043\n',
  };
  const eth0 = { Index: 4, MTU: 1400, Name: 'eth0', HardwareAddr: 'qrs=', Flags: 51, Addrs: ['10.0.0.1/24'] };
  assert.equal(await valueOf(facts.ipv4Interfaces, files), [eth0]);
  assert.equal(await valueOf(facts.ipv4Interfaces, {}), [{ ...eth0, Index: 0, MTU: 0, Flags: 0 }]);
  // One flag of the kernel after another.
  const flags = Array.from({ length: 16 }, (_, bit) => 2 ** bit);
  const seen = await Promise.all(
    flags.map(async (flag) => {
      const value = await valueOf(facts.ipv4Interfaces, { '/sys/class/net/eth0/flags': `0x${flag.toString(16)}\n` });
      return (value as { Flags: number }[])[0]?.Flags;
    }),
  );
  assert.equal(seen, [1, 2, 0, 4, 8, 0, 32, 0, 0, 0, 0, 0, 16, 0, 0, 0]);
});

fact('modules: loadable, built in, loaded, on their way', async () => {
  const module = (status: string, size = 0, instances = 0): object => ({ size, instances, status });
  const lib = {
    '/lib/modules/6.1/kernel/net/br-netfilter.ko.xz': '',
    '/lib/modules/6.1/kernel/fs/overlay.ko': '',
    '/lib/modules/6.1/modules.dep': '',
    '/lib/modules/6.1/modules.builtin': 'kernel/fs/ext4.ko\n',
    '/usr/lib/modules/6.1/kernel/other.ko': '',
  };
  const proc = 'overlay 4096 2 - Live 0x0\na 1 0 - Loading 0x0\nb 1 0 - Unloading 0x0\nc 1 0 - Odd 0x0\n';
  const { value, problems } = await collected(facts.kernelModules, { ...lib, '/proc/modules': proc });
  assert.equal(value, {
    br_netfilter: module('loadable'),
    overlay: module('loaded', 4096, 2),
    ext4: module('loaded'),
    a: module('loading', 1),
    b: module('unloading', 1),
    c: module('unknown', 1),
  });
  assert.equal(problems, []);
  const other = await collected(facts.kernelModules, { '/usr/lib/modules/6.1/kernel/other.ko': '' });
  assert.equal(other.value, { other: module('loadable') });
  assert.equal(other.problems, ['/proc/modules cannot be read: which modules are loaded is not known']);
});

fact('the configuration of the kernel, wherever it is', async () => {
  const text = 'CONFIG_A=y\nCONFIG_B=m\nCONFIG_C="x"\n# CONFIG_D is not set\n';
  const expected = { CONFIG_A: 'y', CONFIG_B: 'm' };
  assert.equal(await valueOf(facts.kernelConfigs, { '/proc/config.gz': gzipSync(text) }), expected);
  for (const path of ['/boot/config-6.1', '/usr/lib/modules/6.1/config', '/lib/modules/6.1/build/.config'])
    assert.equal(await valueOf(facts.kernelConfigs, { [path]: text }), expected, path);
  await collected(facts.kernelConfigs, {}).then(
    () => assert.unreachable(),
    (error: unknown) => assert.match((error as Error).message, /^no configuration of the kernel 6\.1 was found/),
  );
});

fact('cgroups of both versions', async () => {
  const proc = '#subsys_name\thierarchy\ncpu\t1\t2\t1\nmemory\t2\t2\t1\n';
  const none = { enabled: false, mountPoint: '/sys/fs/cgroup', controllers: [] };
  const on = (controllers: string[]): object => ({ enabled: true, mountPoint: '/sys/fs/cgroup', controllers });
  const v2 = { '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu\n', '/proc/cgroups': proc };
  assert.equal(await valueOf(facts.cgroups, v2), {
    'cgroup-enabled': true,
    'cgroup-v1': none,
    'cgroup-v2': on(['cpuset', 'cpu']),
    allControllers: ['cpuset', 'cpu'],
  });
  assert.equal(await valueOf(facts.cgroups, { '/proc/cgroups': proc }), {
    'cgroup-enabled': true,
    'cgroup-v1': on(['cpu', 'memory']),
    'cgroup-v2': none,
    allControllers: ['cpu', 'memory'],
  });
  const single = await valueOf(facts.cgroups, { '/proc/cgroups': '#name\ncpu 1 1 1\n' });
  assert.is((single as Record<string, unknown>)['cgroup-enabled'], true);
  assert.equal(await valueOf(facts.cgroups, {}), {
    'cgroup-enabled': false,
    'cgroup-v1': none,
    'cgroup-v2': none,
    allControllers: [],
  });
  const own = await valueOf(facts.cgroups, { '/cg/cgroup.controllers': 'cpu' }, { spec: { mountPoint: '/cg' } });
  assert.equal((own as Record<string, unknown>)['cgroup-v2'], {
    enabled: true,
    mountPoint: '/cg',
    controllers: ['cpu'],
  });
});

fact('the path, also of a second one', async () => {
  const files = { '/proc/meminfo': 'MemTotal: 2 kB\n' };
  assert.is((await collected(facts.memory, files)).path, 'host-collectors/system/memory.json');
  assert.is((await collected(facts.memory, files, { suffix: '-2' })).path, 'host-collectors/system/memory-2.json');
});

fact('subnets that are free of routes', async () => {
  const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n';
  const route = (destination: string, mask: string): string =>
    `eth0\t${destination}\t0\t1\t0\t0\t0\t${mask}\t0\t0\t0\n`;
  const of = async (CIDRRangeAlloc: string, desiredCIDR: number, routes = ''): Promise<unknown> => {
    const value = await valueOf(
      subnetAvailable,
      { '/proc/net/route': head + routes },
      { spec: { CIDRRangeAlloc, desiredCIDR } },
    );
    return (value as Record<string, unknown>)['status'];
  };
  const [free, none] = ['a-subnet-is-available', 'no-subnet-available'];
  assert.is(await of('10.0.0.0/24', 25), free);
  assert.is(await of('10.0.0.0/24', 24), free);
  assert.is(await of('10.0.0.0/24', 23), none, 'larger than the range');
  assert.is(await of('10.0.0.0/24', 25, route('0000000A', '80FFFFFF')), free, 'the first half is taken');
  assert.is(await of('10.0.0.0/24', 25, route('8000000A', '80FFFFFF')), free, 'the second half is taken');
  assert.is(await of('10.0.0.0/24', 25, route('0000000A', '80FFFFFF') + route('8000000A', '80FFFFFF')), none);
  assert.is(await of('10.0.0.0/24', 32, route('0000000A', '00FFFFFF')), none);
  assert.is(await of('255.255.255.0/24', 32), free);
  for (const [range, size] of [
    ['10.0.0.0', 24],
    ['10.0.0.0/24', 0],
    ['10.0.0.0/24', 33],
  ] as const)
    await of(range, size).then(
      () => assert.unreachable(),
      (error: unknown) => assert.match((error as Error).message, 'no range of IPv4 addresses'),
    );
});

fact.run();
