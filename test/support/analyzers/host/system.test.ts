// Checks of the host: each subject and sign of each grammar, at its boundary, and what each refuses.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Asked, each, run, when } from '../ask.ts';

const system = suite('support/analyzers/host/system');

type Subject = Asked & { spec: Record<string, unknown> };

const of = (path: string, value: unknown, spec: Record<string, unknown> = {}): Subject => ({
  host: true,
  files: { [`host-collectors/${path}`]: value },
  spec,
});

async function message(kind: string, subject: Subject, ...whens: (string | undefined)[]): Promise<string | undefined> {
  const results = await run(kind, { ...subject.spec, ...when(...whens) }, subject);
  return results.map((one) => one.message).join('\n');
}

async function refused(kind: string, subject: Subject, table: Readonly<Record<string, string>>): Promise<void> {
  for (const [text, why] of Object.entries(table)) {
    const [result] = await run(kind, { ...subject.spec, ...when(text) }, subject);
    assert.equal([result?.outcome, result?.reason], ['fail', 'cannot be evaluated'], text);
    assert.ok(result?.message.includes(why), `${text}: ${result?.message}`);
  }
}

const V1 = 'cmov cx8 fpu fxsr mmx syscall sse sse2'.split(' ');
const V2 = [...V1, ...'cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2'.split(' ')];

system('cpu: which count, which flags, which machine', async () => {
  const info = { logicalCount: 4, physicalCount: 2, machineArch: 'x86_64', flags: V1 };
  const subject = of('system/cpu.json', info);
  await each('cpu', subject, {
    '= 4': true,
    'count = 4': true,
    'Logical = 4': true,
    'logical > 4': false,
    'physical = 2': true,
    'physical >= 3': false,
    'machineArch = x86_64': true,
    'machineArch = arm64': false,
    'machineArch != arm64': true,
    'supports x86-64': true,
    'x supports x86-64-v2': false,
    'x hasFlags mmx': true,
    'x hasFlags mmx,avx': false,
    'x HASFLAGS mmx,sse': true,
  });
  await each('cpu', of('system/cpu.json', { ...info, physicalCount: 8 }), { 'count = 8': true, 'logical = 4': true });
  await each('cpu', of('system/cpu.json', { flags: V2 }), {
    'supports x86-64-v2': true,
    'x supports x86-64-v3': false,
  });
  await each('cpu', of('system/cpu.json', {}), { 'count = 0': true, 'x hasFlags mmx': false });
  await refused('cpu', subject, {
    'cores > 1': '"cores" is none of',
    'x supports x86-64-v5': '"x86-64-v5" is none of x86-64, x86-64-v2',
  });
  assert.match((await message('cpu', subject, '> 9')) ?? '', 'found 4 logical, 2 physical, x86_64');
});

system('memory: exact quantities', async () => {
  const subject = of('system/memory.json', { total: 2 ** 30 });
  await each('memory', subject, { '= 1Gi': true, '< 1Gi': false, '> 1023Mi': true, '>= 1073741825': false });
  assert.match((await message('memory', subject, '< 1')) ?? '', 'found 1073741824 bytes');
});

system('disks: amounts and shares', async () => {
  const subject = of('diskUsage/root.json', { total_bytes: 100, used_bytes: 75 }, { collectorName: 'root' });
  await each('diskUsage', subject, {
    'total = 100': true,
    'used = 75': true,
    'available = 25': true,
    'Available < 25': false,
    'used/total = 75%': true,
    'used/total = 0.75': true,
    'used/total > 75%': false,
    'available/total = 25%': true,
    'available/total <= 0.25': true,
    'AVAILABLE/TOTAL < 0.25': false,
  });
  await refused('diskUsage', subject, {
    'used/total > many%': '"many%" is no share',
    'free > 1': '"free" is none of',
  });
  assert.match((await message('diskUsage', subject, 'total < 1')) ?? '', 'found 75 of 100 bytes used');
  const [named] = await run('diskUsage', { collectorName: 'root', ...when(undefined) }, subject);
  assert.is(named?.title, 'Disk Usage root');
});

system('operating systems and kernels', async () => {
  const info = { platform: 'ubuntu', platformFamily: 'debian', platformVersion: '22.04', kernelVersion: '5.15.0-91' };
  const subject = of('system/hostos_info.json', info);
  await each('hostOS', subject, {
    'ubuntu = 22.04': true,
    'ubuntu = 22.4': true,
    'ubuntu > 22.04': false,
    'debian = 22.04': true,
    'centos = 22.04': false,
    'ubuntu >= 20.04 && <= 22.04': true,
    'ubuntu >= 22.10 || = 22.04': true,
    'kernelVersion = 5.15.0': true,
    'kernelVersion > 5.15': false,
    'ubuntu-22.04-kernel >= 5.15': true,
    'ubuntu-20.04-kernel >= 5.15': false,
    'debian-22.04-kernel >= 5.15': false,
  });
  await refused('hostOS', of('system/hostos_info.json', { ...info, platformVersion: 'rolling' }), {
    'ubuntu = 1': '"rolling" is no version',
  });
});

system('time: zone and synchronization', async () => {
  const states: [synchronized: boolean, active: boolean, state: string][] = [
    [true, true, 'synchronized+active'],
    [true, false, 'synchronized+inactive'],
    [false, true, 'unsynchronized+active'],
    [false, false, 'unsynchronized+inactive'],
  ];
  for (const [synchronized, active, state] of states) {
    const info = { timezone: 'UTC', ntp_synchronized: synchronized, ntp_active: active };
    const table = states.map(([, , wanted]): [string, boolean] => [`ntp = ${wanted}`, wanted === state]);
    await each('time', of('system/time.json', info), Object.fromEntries(table));
  }
  const subject = of('system/time.json', { timezone: 'UTC' });
  await each('time', subject, { 'timezone = UTC': true, 'timezone = CET': false, 'timezone != UTC': false });
  await refused('time', subject, {
    'clock = UTC': 'is about neither timezone nor ntp',
    'ntp = running': '"running" is no state',
  });
});

system('block devices: only those that are free count', async () => {
  const free = { name: 'sdb', kernel_name: 'sdb', type: 'disk', size: 100 };
  const counts: [why: string, device: Record<string, unknown>, spec: Record<string, unknown>, count: number][] = [
    ['a disk', {}, {}, 1],
    ['at the least size', {}, { minimumAcceptableSize: 100 }, 1],
    ['too small', {}, { minimumAcceptableSize: 101 }, 0],
    ['mounted', { mountpoint: '/' }, {}, 0],
    ['with a file system', { filesystem_type: 'ext4' }, {}, 0],
    ['with a file system, as lsblk calls it', { fstype: 'ext4' }, {}, 0],
    ['read-only', { read_only: true }, {}, 0],
    ['removable', { removable: true }, {}, 0],
    ['neither', { read_only: false, removable: false, mountpoint: '', filesystem_type: '' }, {}, 1],
    ['a partition', { type: 'part' }, {}, 0],
    ['a partition that counts', { type: 'part' }, { includeUnmountedPartitions: true }, 1],
    ['of another type', { type: 'lvm' }, {}, 0],
    ['of another type that counts', { type: 'lvm' }, { additionalDeviceTypes: ['lvm'] }, 1],
    ['without a kernel name', { kernel_name: '' }, {}, 1],
  ];
  for (const [why, device, spec, count] of counts) {
    const subject = of('system/block_devices.json', [{ ...free, ...device }], spec);
    assert.match((await message('blockDevices', subject, '.* > 9')) ?? '', `found ${count} free of 1 devices`, why);
  }
  const parent = of('system/block_devices.json', [free, { name: 'sdb1', type: 'part', parent_kernel_name: 'sdb' }]);
  await each('blockDevices', parent, { '.* = 0': true });
  const two = of('system/block_devices.json', [free, { ...free, name: 'nvme0', kernel_name: 'nvme0' }]);
  await each('blockDevices', two, { 'nvme.* = 1': true, '^sd = 1': true, '.* = 2': true, 'x = 0': true });
});

system('services: active, sub, load', async () => {
  const subject = of('system/systemctl_services.json', [
    { Unit: 'ufw.service', Active: 'active', Sub: 'exited', Load: 'loaded' },
  ]);
  await each('hostServices', subject, {
    'ufw = active': true,
    'ufw.service = active,exited,loaded': true,
    'ufw = active,running': false,
    'ufw = *,*,loaded': true,
    'ufw = ,exited': true,
    'ufw != active,running': true,
    'ufw != active,exited': false,
    'docker != active': false,
  });
  assert.match((await message('hostServices', subject, 'ufw = x')) ?? '', 'found 1 services');
});

system('kernel modules', async () => {
  const subject = of('system/kernel_modules.json', { a: { status: 'loaded' }, b: { status: 'loadable' } });
  await each('kernelModules', subject, {
    'a = loaded': true,
    'a,b = loaded': false,
    'a,b = loaded,loadable': true,
    'a,c = loaded': false,
    'a != loaded': false,
    'a != loadable': true,
    'a,b != loaded': false,
    'b != loaded': true,
    'a,c != loaded': true,
  });
  await refused('kernelModules', subject, { 'a > loaded': '">" is neither = nor !=' });
  const order = await message('kernelModules', subject, 'a = loadable', undefined);
  assert.is(order, 'else');
  assert.match((await message('kernelModules', subject, 'a = loadable')) ?? '', 'found 2 modules');
  // The outcome without a condition is for where no other holds, wherever it stands.
  const spec = {
    checkName: 'Mine',
    outcomes: [{ pass: { message: 'else' } }, { fail: { when: 'a = loaded', message: 'x' } }],
  };
  const [named] = await run('kernelModules', spec, subject);
  assert.equal([named?.title, named?.message], ['Mine', 'x']);
});

system('kernel configs', async () => {
  const outcomes = [{ pass: { message: 'all' } }, { fail: { message: 'no {{ .ConfigsNotFound }}' } }];
  const says = async (selectedConfigs: string[], list: unknown[] = outcomes): Promise<string> => {
    const files = { 'host-collectors/system/kernel-configs.json': { CONFIG_A: 'y', CONFIG_B: 'm' } };
    const [one] = await run('kernelConfigs', { selectedConfigs, outcomes: list }, { host: true, files });
    return `${one?.outcome} ${one?.message}`;
  };
  assert.is(await says(['CONFIG_A=y', 'CONFIG_B=ym']), 'pass all');
  assert.is(await says(['CONFIG_A=m', 'CONFIG_B=m', 'CONFIG_C=y']), 'fail no CONFIG_A=m, CONFIG_C=y');
  assert.match(await says(['A=y']), /"A=y" is nothing like CONFIG_X=ym/);
  assert.match(await says(['CONFIG_A=y'], [{ fail: { message: '' } }]), /found all of them/);
  assert.match(await says(['CONFIG_A=m'], [{ pass: { message: '' } }]), /found without CONFIG_A=m/);
});

system('packages: what a template sees of each', async () => {
  const check = async (one: Record<string, unknown>, template: string, info = {}): Promise<string | undefined> => {
    const content = { os: 'rocky', osVersion: '9.3', packages: [{ name: 'p', exitCode: '0', ...one }], ...info };
    const files = { 'host-collectors/system/mine-packages.json': content };
    const spec = { collectorName: 'mine', outcomes: [{ pass: { message: template } }] };
    return (await run('systemPackages', spec, { host: true, files }))[0]?.message;
  };
  const installed = '{{ .IsInstalled }}';
  assert.is(await check({}, installed), 'true');
  assert.is(await check({ exitCode: '1' }, installed), 'false');
  assert.is(await check({ error: 'no dpkg' }, installed), 'false');
  assert.is(await check({ details: 'package p is not installed' }, installed), 'false');
  assert.is(await check({ details: 'No matching Packages to list' }, installed), 'false');
  const all = '{{ .Name }} {{ .OS }} {{ .OSVersion }} {{ .OSVersionMajor }} {{ .OSVersionMinor }} {{ .ExitCode }}';
  assert.is(await check({}, all), 'p rocky 9.3 9 3 0');
  assert.is(await check({}, '{{ .OSVersionMinor }}', { osVersion: '9' }), '0');
  assert.is(
    await check({ details: 'Version: 1.2-3 \nInstall Size : 4' }, '{{ .Version }} {{ .InstallSize }}'),
    '1.2-3 4',
  );
  const files = { 'host-collectors/system/packages.json': { packages: [{ name: 'a' }, { name: 'b' }] } };
  const each = await run(
    'systemPackages',
    { outcomes: [{ fail: { when: '{{ eq .Name "b" }}', message: '{{ .Name }}' } }] },
    { host: true, files },
  );
  assert.equal(
    each.map(({ message: text }) => text),
    ['b'],
  );
  const none = await run('systemPackages', { outcomes: [{ fail: { when: 'false' } }] }, { host: true, files });
  assert.match(none[0]?.message ?? '', 'found 2 packages');
});

system('file systems: latencies of fio, or by name', async () => {
  const lat = { min: 999, max: 2e9, mean: 1e6, percentile: { '99.000000': 5e6, '99.900000': 7e6, '99.950000': 8e6 } };
  const jobs = [
    { jobname: 'other', sync: { lat_ns: { min: 1 } } },
    { jobname: 'fsperf', sync: { lat_ns: lat } },
  ];
  const path = 'filesystemPerformance/filesystemPerformance.json';
  await each('filesystemPerformance', of(path, { jobs }), {
    'min = 999ns': true,
    'max = 2s': true,
    'average = 1ms': true,
    'P99 = 5ms': true,
    'p999 = 7ms': true,
    'p9995 = 8ms': true,
    'p99 < 5ms': false,
    'p50 = 0': true,
    fileNotCollected: false,
  });
  await each('filesystemPerformance', of(path, { jobs: jobs.slice(0, 1) }), { 'min = 1ns': true });
  await each('filesystemPerformance', of(path, { p99: 5, Min: 3 }), { 'p99 = 5ns': true, 'min = 3ns': true });
  await refused('filesystemPerformance', of(path, { jobs }), { 'p42 > 1s': '"p42" is none of min, max' });
  const shown = async (ns: number): Promise<string | undefined> => {
    const outcomes = [{ pass: { message: '{{ .P99 }}' } }];
    return (await run('filesystemPerformance', { outcomes }, of(path, { p99: ns })))[0]?.message;
  };
  const table: [ns: number, text: string][] = [
    [999, '999ns'],
    [1000, '1µs'],
    [999_999, '999.999µs'],
    [1e6, '1ms'],
    [999e6, '999ms'],
    [1e9, '1s'],
    [2.5e9, '2.5s'],
  ];
  for (const [ns, text] of table) assert.is(await shown(ns), text);
});

system.run();
