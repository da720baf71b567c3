// Checks of the host itself: processors, memory, disks, system, time, kernel, services, packages.

import { GoRegExp } from '../../../base/go-regexp.ts';
import { BadCheck, number, record, string, text, texts, type Check } from '../base/check.ts';
import { compareCount, goDuration, holds, operator, order, units, wantedQuantity, words } from '../base/compare.ts';
import { goBool, outcomesOf, noMatch, verdictOf } from '../base/outcomes.ts';
import { render } from '../base/template.ts';
import { inRange } from '../base/versions.ts';
import { sysctlHolds } from '../cluster/services.ts';
import { hostCheck, hostContents, parsed } from './host.ts';

const MICROARCHITECTURES: readonly [name: string, flags: readonly string[]][] = [
  ['x86-64', 'cmov cx8 fpu fxsr mmx syscall sse sse2'.split(' ')],
  ['x86-64-v2', 'cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2'.split(' ')],
  ['x86-64-v3', 'avx avx2 bmi1 bmi2 f16c fma lzcnt movbe xsave'.split(' ')],
  ['x86-64-v4', 'avx512f avx512bw avx512cd avx512dq avx512vl'.split(' ')],
];

export const cpu = hostCheck({
  title: 'Number of CPUs',
  collector: 'cpu',
  folder: 'system',
  file: 'cpu.json',
  evaluate(content) {
    const info = parsed(content);
    const logical = number(info['logicalCount']);
    const physical = number(info['physicalCount']);
    const flags = Array.isArray(info['flags']) ? info['flags'].map(String) : [];
    const has = (wanted: readonly string[]): boolean => wanted.every((flag) => flags.includes(flag));
    return {
      holds(when) {
        const parts = words(when, 2, 3);
        const [subject = '', sign = '', wanted = ''] = parts.length === 2 ? ['count', ...parts] : parts;
        if (sign.toLowerCase() === 'supports') return has(flagsOf(wanted));
        if (sign.toLowerCase() === 'hasflags') return has(wanted.split(','));
        switch (subject.toLowerCase()) {
          case 'logical':
            return compareCount(logical, sign, wanted);
          case 'physical':
            return compareCount(physical, sign, wanted);
          case 'count':
            return compareCount(Math.max(logical, physical), sign, wanted);
          case 'machinearch':
            return holds(operator(sign), string(info['machineArch']) === wanted ? 0 : 1);
          default:
            throw new BadCheck(`"${subject}" is none of count, logical, physical, machineArch`);
        }
      },
      found: `${logical} logical, ${physical} physical, ${string(info['machineArch'])}`,
    };
  },
});

function flagsOf(name: string): string[] {
  const at = MICROARCHITECTURES.findIndex(([known]) => known === name);
  if (at < 0) throw new BadCheck(`"${name}" is none of ${MICROARCHITECTURES.map(([known]) => known).join(', ')}`);
  return MICROARCHITECTURES.slice(0, at + 1).flatMap(([, flags]) => flags);
}

export const memory = hostCheck({
  title: 'Amount of Memory',
  collector: 'memory',
  folder: 'system',
  file: 'memory.json',
  evaluate(content) {
    const total = number(parsed(content)['total']);
    return {
      holds(when) {
        const [sign = '', wanted = ''] = words(when, 2);
        return holds(operator(sign), order(units(total), wantedQuantity(wanted)));
      },
      found: `${total} bytes`,
    };
  },
});

export const diskUsage = hostCheck({
  title: (spec) => `Disk Usage ${text(spec, 'collectorName')}`.trim(),
  collector: 'diskUsage',
  folder: 'diskUsage',
  evaluate(content) {
    const info = parsed(content);
    const total = number(info['total_bytes']);
    const used = number(info['used_bytes']);
    const bytes: Readonly<Record<string, number>> = { total, used, available: total - used };
    return {
      holds(when) {
        const [subject = '', sign = '', wanted = ''] = words(when, 3);
        const share = /^(used|available)\/total$/i.exec(subject);
        if (share) {
          const percent = wanted.endsWith('%');
          const limit = Number(wanted.replace(/%$/, '')) / (percent ? 100 : 1);
          if (Number.isNaN(limit)) throw new BadCheck(`"${wanted}" is no share`);
          return holds(operator(sign), (bytes[(share[1] ?? '').toLowerCase()] ?? 0) / total - limit);
        }
        const amount = bytes[subject.toLowerCase()];
        if (amount === undefined)
          throw new BadCheck(`"${subject}" is none of total, used, available, used/total, available/total`);
        return holds(operator(sign), order(units(amount), wantedQuantity(wanted)));
      },
      found: `${used} of ${total} bytes used`,
    };
  },
});

export const hostOS = hostCheck({
  title: 'Host OS Info',
  collector: 'hostOS',
  folder: 'system',
  file: 'hostos_info.json',
  evaluate(content) {
    const info = parsed(content);
    const platform = string(info['platform']);
    const version = string(info['platformVersion']);
    const kernel = string(info['kernelVersion']);
    return {
      holds(when) {
        const [subject = '', ...rest] = words(when, 3, 6, 9, 12, 15, 18);
        const range = rest.join(' ').replace(/\s*&&\s*/g, ' ');
        const isKernel = /^[^-]+-[^-]+-kernel$/.test(subject);
        if (subject === 'kernelVersion' || (isKernel && subject === `${platform}-${version}-kernel`)) {
          return inRange(plain(kernel), ranged(range));
        }
        if (isKernel || (subject !== platform && subject !== string(info['platformFamily']))) return false;
        return inRange(plain(version), ranged(range));
      },
      found: `${platform} ${version}, kernel ${kernel}`,
    };
  },
});

/** The numbers that a version begins with, without leading zeros: `5.15.0-91-generic` is 5.15.0, `20.04` is 20.4. */
function plain(version: string): string {
  const numbers = /^\d+(?:\.\d+){0,2}/.exec(version)?.[0] ?? '';
  if (numbers === '') throw new BadCheck(`"${version}" is no version`);
  return numbers
    .split('.')
    .map((part) => String(Number(part)))
    .join('.');
}

const ranged = (range: string): string => range.replace(/\d[\w.-]*/g, (version) => plain(version));

export const time = hostCheck({
  title: 'Time',
  collector: 'time',
  folder: 'system',
  file: 'time.json',
  evaluate(content) {
    const info = parsed(content);
    const zone = string(info['timezone']);
    const state = `${info['ntp_synchronized'] === true ? '' : 'un'}synchronized+${info['ntp_active'] === true ? '' : 'in'}active`;
    return {
      holds(when) {
        const [subject, sign = '', wanted = ''] = words(when, 3);
        if (subject !== 'timezone' && subject !== 'ntp')
          throw new BadCheck(`"${when}" is about neither timezone nor ntp`);
        if (subject === 'ntp' && !/^(?:un)?synchronized\+(?:in)?active$/.test(wanted)) {
          throw new BadCheck(`"${wanted}" is no state like synchronized+active`);
        }
        return holds(operator(sign), wanted === (subject === 'ntp' ? state : zone) ? 0 : 1);
      },
      found: `ntp ${state}, timezone ${zone}`,
    };
  },
});

export const blockDevices = hostCheck({
  title: 'Block Devices',
  collector: 'blockDevices',
  folder: 'system',
  file: 'block_devices.json',
  evaluate(content, spec) {
    const list = JSON.parse(content) as unknown;
    const devices = Array.isArray(list) ? (list as unknown[]).map(record) : [];
    const types = [
      'disk',
      ...(spec['includeUnmountedPartitions'] === true ? ['part'] : []),
      ...texts(spec, 'additionalDeviceTypes'),
    ];
    const smallest = number(spec['minimumAcceptableSize']);
    const free = devices.filter(
      (device) =>
        types.includes(string(device['type'])) &&
        number(device['size']) >= smallest &&
        string(device['mountpoint']) === '' &&
        string(device['filesystem_type'] ?? device['fstype']) === '' &&
        device['read_only'] !== true &&
        device['removable'] !== true &&
        !devices.some(
          (other) => other['parent_kernel_name'] === device['kernel_name'] && string(device['kernel_name']) !== '',
        ),
    );
    return {
      holds(when) {
        const [pattern = '', sign = '', wanted = ''] = words(when, 3);
        const regex = new GoRegExp(pattern);
        return compareCount(free.filter((device) => regex.test(string(device['name']))).length, sign, wanted);
      },
      found: `${free.length} free of ${devices.length} devices`,
    };
  },
});

export const hostServices = hostCheck({
  title: 'Host Services',
  collector: 'hostServices',
  folder: 'system',
  file: 'systemctl_services.json',
  evaluate(content) {
    const list = JSON.parse(content) as unknown;
    const services = Array.isArray(list) ? (list as unknown[]).map(record) : [];
    return {
      holds(when) {
        const [unit = '', sign = '', wanted = ''] = words(when, 3);
        const op = operator(sign);
        const service = services.find((one) => string(one['unit'] ?? one['Unit']).startsWith(unit));
        if (!service) return false;
        const keys = ['active', 'sub', 'load'];
        const states = wanted.split(',').map((state, i) => ({ state, key: keys[i] ?? '' }));
        const differs = states.some(({ state, key }) => {
          const actual = service[key] ?? service[key.charAt(0).toUpperCase() + key.slice(1)];
          return state !== '' && state !== '*' && state !== string(actual);
        });
        return holds(op, differs ? 1 : 0);
      },
      found: `${services.length} services`,
    };
  },
});

export const kernelModules: Check = {
  title: () => 'Kernel Modules',
  collectors: ['kernelModules'],
  async run(spec, files) {
    const contents = await hostContents(files, 'system', 'kernel_modules.json');
    return contents.map(({ node, content }) => {
      const modules = parsed(content);
      const outcomes = outcomesOf(spec);
      const match =
        outcomes.find((one) => one.when !== '' && modulesHold(one.when, modules)) ??
        outcomes.find((one) => one.when === '');
      const title = `${text(spec, 'checkName') || 'Kernel Modules'}${node === undefined ? '' : ` - Node ${node}`}`;
      const verdict = match
        ? verdictOf(match, match.message)
        : noMatch(outcomes, `${Object.keys(modules).length} modules`);
      return { ...verdict, title };
    });
  },
};

function modulesHold(when: string, modules: Readonly<Record<string, unknown>>): boolean {
  const [names = '', sign = '', states = ''] = words(when, 3);
  const wanted = states.split(',');
  const is = (name: string): boolean => wanted.includes(string(record(modules[name])['status']));
  const op = operator(sign);
  if (op === '=') return names.split(',').every(is);
  if (op !== '!=') throw new BadCheck(`"${sign}" is neither = nor !=`);
  const list = names.split(',');
  return list.some((name) => !Object.hasOwn(modules, name)) || list.every((name) => !is(name));
}

export const kernelConfigs: Check = {
  title: () => 'Kernel Configs',
  collectors: ['kernelConfigs'],
  async run(spec, files) {
    const contents = await hostContents(files, 'system', 'kernel-configs.json');
    return contents.map(({ node, content }) => {
      const configs = parsed(content);
      const missing = texts(spec, 'selectedConfigs').filter((config) => {
        const [, key = '', values = ''] = /^(CONFIG_[A-Z0-9_]+)=([ymn]+)$/.exec(config) ?? [];
        if (key === '') throw new BadCheck(`"${config}" is nothing like CONFIG_X=ym`);
        return !Object.hasOwn(configs, key) || !values.includes(string(configs[key]));
      });
      const outcomes = outcomesOf(spec);
      const match = outcomes.find(({ outcome }) => (outcome === 'pass') === (missing.length === 0));
      const verdict = match
        ? verdictOf(match, match.message.replaceAll('{{ .ConfigsNotFound }}', missing.join(', ')))
        : noMatch(outcomes, missing.length === 0 ? 'all of them' : `without ${missing.join(', ')}`);
      return {
        ...verdict,
        title: `${text(spec, 'checkName') || 'Kernel Configs'}${node === undefined ? '' : ` - Node ${node}`}`,
      };
    });
  },
};

export const sysctl = hostCheck({
  title: 'Sysctl',
  collector: 'sysctl',
  folder: 'system',
  file: 'sysctl.json',
  evaluate(content) {
    const values = new Map(Object.entries(parsed(content)).map(([key, value]) => [key, string(value)]));
    return { holds: (when) => sysctlHolds(when, values), found: `${values.size} parameters` };
  },
});

export const systemPackages: Check = {
  title: () => 'System Packages',
  collectors: ['systemPackages'],
  async run(spec, files) {
    const name = text(spec, 'collectorName');
    const contents = await hostContents(files, 'system', `${name === '' ? '' : `${name}-`}packages.json`);
    const outcomes = outcomesOf(spec);
    return contents.flatMap(({ node, content }) => {
      const info = parsed(content);
      const packages = Array.isArray(info['packages']) ? (info['packages'] as unknown[]).map(record) : [];
      const title = `${text(spec, 'checkName') || 'System Packages'}${node === undefined ? '' : ` - Node ${node}`}`;
      const verdicts = packages.flatMap((one) => {
        const data = packageData(one, info);
        const match = outcomes.find(({ when }) => when === '' || goBool(render(when, data).trim()));
        return match ? [{ ...verdictOf(match, render(match.message, data)), title }] : [];
      });
      return verdicts.length > 0 ? verdicts : [{ ...noMatch(outcomes, `${packages.length} packages`), title }];
    });
  },
};

function packageData(
  one: Readonly<Record<string, unknown>>,
  info: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const details = string(one['details']);
  const values = Object.fromEntries(
    [...details.matchAll(/^([A-Z][\w -]*):(.+)$/gm)].map(([, key = '', value = '']) => [
      key.replace(/[ -]/g, ''),
      value.trim(),
    ]),
  );
  const installed =
    string(one['exitCode']) === '0' &&
    string(one['error']) === '' &&
    !/not installed|No matching Packages/.test(details);
  return {
    ...values,
    OS: string(info['os']),
    OSVersion: string(info['osVersion']),
    OSVersionMajor: string(info['osVersion']).split('.')[0],
    OSVersionMinor: string(info['osVersion']).split('.')[1] ?? '0',
    Name: string(one['name']),
    Error: string(one['error']),
    ExitCode: string(one['exitCode']),
    IsInstalled: installed,
  };
}

const PERCENTILES = 'min max average p1 p5 p10 p20 p30 p40 p50 p60 p70 p80 p90 p95 p99 p995 p999 p9995 p9999'.split(
  ' ',
);

export const filesystemPerformance = hostCheck({
  title: 'Filesystem Performance',
  collector: 'filesystemPerformance',
  folder: 'filesystemPerformance',
  evaluate(content) {
    const values = latencies(parsed(content));
    const data = Object.fromEntries(
      [...values].map(([key, ns]) => [key.charAt(0).toUpperCase() + key.slice(1), shownDuration(ns)]),
    );
    return {
      holds(when) {
        if (when === 'fileNotCollected') return false;
        const [subject = '', sign = '', wanted = ''] = words(when, 3);
        const key = subject.toLowerCase();
        if (!PERCENTILES.includes(key)) throw new BadCheck(`"${subject}" is none of ${PERCENTILES.join(', ')}`);
        return holds(operator(sign), (values.get(key) ?? 0) - goDuration(wanted));
      },
      found: `p99 of ${shownDuration(values.get('p99') ?? 0)}`,
      message: ({ message }) => render(message, data),
    };
  },
});

/** In ns, of fio's result or of one that has the values by name. */
function latencies(result: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const jobs = Array.isArray(result['jobs']) ? (result['jobs'] as unknown[]).map(record) : [];
  const job = jobs.find((one) => one['jobname'] === 'fsperf') ?? jobs[0];
  const latency = record(record(job?.['sync'])['lat_ns']);
  const percentiles = record(latency['percentile']);
  const values = new Map<string, number>([
    ['min', number(latency['min'])],
    ['max', number(latency['max'])],
    ['average', number(latency['mean'])],
  ]);
  for (const [key, ns] of Object.entries(percentiles)) {
    const [whole = '', fraction = ''] = Number(key).toString().split('.');
    values.set(`p${whole}${fraction}`, number(ns));
  }
  for (const key of PERCENTILES) {
    const own = result[key] ?? result[key.charAt(0).toUpperCase() + key.slice(1)];
    if (typeof own === 'number') values.set(key, own);
  }
  return values;
}

function shownDuration(ns: number): string {
  if (ns >= 1e9) return `${ns / 1e9}s`;
  if (ns >= 1e6) return `${ns / 1e6}ms`;
  return ns >= 1e3 ? `${ns / 1e3}µs` : `${ns}ns`;
}
