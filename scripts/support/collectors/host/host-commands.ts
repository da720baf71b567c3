// What programs of the machine say: services, block devices, clock, kernel parameters, journal, and the spec's own commands.

import { writeFile } from 'node:fs/promises';
import { entriesBelow } from '../../../host/files/walk.ts';
import { createReadStream } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { HoistError } from '../../../base/errors.ts';
import { ExecError, type ExecOptions } from '../../../host/exec.ts';
import { parseBool } from '../../spec/schema.ts';
import {
  type Collector,
  type HostReach,
  type Running,
  firstText,
  json,
  list,
  machineOf,
  mapping,
  text,
} from '../collector.ts';
import { makeRunFolder } from './run-folder.ts';

/** A table that one command prints. */
function table(file: string, command: readonly [string, ...string[]], parse: (stdout: string) => unknown): Collector {
  const path = (suffix: string): string => `host-collectors/system/${file}${suffix}.json`;
  return {
    claim: () => path(''),
    timeoutMs: 15_000,
    async run({ host, signal, sink, suffix }) {
      const [name, ...args] = command;
      const { stdout } = await host.exec({ file: name, args, signal });
      await sink.add({ path: path(suffix), content: json(parse(stdout)) });
    },
  };
}

const rows = (stdout: string): string[] => stdout.split('\n').filter((line) => line.trim() !== '');

export const hostServices = table(
  'systemctl_services',
  ['systemctl', 'list-units', '--type=service', '--no-legend', '--all', '--plain'],
  (stdout) =>
    rows(stdout).map((line) => {
      const [Unit = '', Load = '', Active = '', Sub = ''] = line.replace(/^[●*\s]+/, '').split(/\s+/);
      return { Unit, Load, Active, Sub };
    }),
);

const COLUMNS = 'NAME,KNAME,PKNAME,TYPE,MAJ:MIN,SIZE,FSTYPE,MOUNTPOINT,SERIAL,RO,RM';

export const blockDevices = table(
  'block_devices',
  ['lsblk', '--noheadings', '--bytes', '--pairs', '-o', COLUMNS],
  (stdout) =>
    rows(stdout).map((line) => {
      const of = (key: string): string => new RegExp(`(?:^| )${key}="([^"]*)"`).exec(line)?.[1] ?? '';
      const [major, minor] = (of('MAJ[:_]MIN') || '0:0').split(':').map(Number);
      return {
        name: of('NAME'),
        kernel_name: of('KNAME'),
        parent_kernel_name: of('PKNAME'),
        type: of('TYPE'),
        major,
        minor,
        size: Number(of('SIZE')),
        filesystem_type: of('FSTYPE'),
        mountpoint: of('MOUNTPOINT'),
        serial: of('SERIAL'),
        read_only: of('RO') === '1',
        removable: of('RM') === '1',
      };
    }),
);

export const sysctl = table('sysctl', ['sysctl', '-a', '-e'], (stdout) =>
  Object.fromEntries(
    rows(stdout).flatMap((line) => {
      const match = /^(\S+)\s*=\s*(.*)$/.exec(line);
      return match ? [[match[1] ?? '', match[2] ?? '']] : [];
    }),
  ),
);

export const time = table('time', ['timedatectl', 'show'], (stdout) => {
  const of = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const zone = of('Timezone').toUpperCase();
  return {
    timezone: zone === 'ETC/UTC' ? 'UTC' : zone,
    ntp_synchronized: of('NTPSynchronized') === 'yes',
    ntp_active: of('NTP') === 'yes',
  };
});

export const hostRun: Collector = {
  claim: ({ spec }) => `host-collectors/run-host/${firstText(spec, 'collectorName') ?? 'run-host'}.txt`,
  async run(running) {
    const { item, sink, suffix } = running;
    const base = `host-collectors/run-host/${firstText(item.spec, 'collectorName') ?? 'run-host'}${suffix}`;
    const place = await makeRunFolder();
    const folder = place.path;
    try {
      const env = await environmentOf(running, folder);
      const command = [firstText(item.spec, 'command') ?? '', ...list(item.spec, 'args')];
      const { exitCode, stdout, stderr } = await outputOf(running, {
        ...{ command, cwd: folder, env: env.given },
        onStart: (group) => place.started(group),
      });
      place.ended();
      const info = {
        command: command.join(' '),
        exitCode: String(exitCode),
        error: exitCode === 0 ? '' : stderr,
        outputDir: firstText(item.spec, 'outputDir') ?? '',
        input: env.input,
        env: env.shown,
      };
      await sink.add({ path: `${base}-info.json`, content: json(info) });
      await sink.add({ path: `${base}.txt`, content: Buffer.from(stdout) });
      if (stderr !== '') await sink.add({ path: `${base}-stderr.txt`, content: Buffer.from(stderr) });
      if (exitCode !== 0) running.note(`exit code ${exitCode}`);
      const written = firstText(item.spec, 'outputDir');
      if (written !== undefined) await addFolder(running, outputFolder(folder), `${base}/${written}`);
    } finally {
      await place.close();
    }
  },
};

const outputFolder = (folder: string): string => join(folder, 'output');

/** @throws HoistError where the program is not there; any exit code is a result. */
async function outputOf(
  { host, signal }: Pick<Running, 'host' | 'signal'>,
  { command, ...given }: { command: readonly string[] } & Pick<ExecOptions, 'cwd' | 'env' | 'onStart'>,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [file = '', ...args] = command;
  try {
    return await host.exec({ file, args, signal, exact: true, ...given });
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    if (error.details.reason !== 'exit') throw withWholeName(error, file);
    const { exitCode = 1, stdout, stderr } = error.details;
    return { exitCode, stdout, stderr };
  }
}

/** The last part of a path may be the end of a secret, which the redactor knows as a whole. */
function withWholeName(error: ExecError, file: string): HoistError {
  const short = basename(file);
  if (short === file || !error.message.startsWith(short)) return error;
  return new HoistError(`${file}${error.message.slice(short.length)}`, { cause: error });
}

/** What the command is given beyond this process' own environment, and what the bundle shows of all of it. */
async function environmentOf(
  { item, host }: Running,
  folder: string,
): Promise<{ given: Record<string, string | undefined>; shown: string[]; input: string }> {
  const { spec } = item;
  const inherit = list(spec, 'inheritEnvs');
  const guaranteed = ['PATH', 'KUBECONFIG', 'PWD'];
  const only =
    parseBool(spec['ignoreParentEnvs']) === true
      ? guaranteed
      : inherit.length > 0
        ? [...guaranteed, ...inherit]
        : undefined;
  const missing = inherit.filter((key) => only !== guaranteed && host.env[key] === undefined);
  if (missing.length > 0) throw new HoistError(`inherit env variable is not found: ${missing.join(', ')}`);
  const given: Record<string, string | undefined> = {};
  for (const key of Object.keys(host.env)) if (only && !only.includes(key)) given[key] = undefined;
  for (const pair of list(spec, 'env')) {
    const at = pair.indexOf('=');
    if (at > 0) given[pair.slice(0, at)] = pair.slice(at + 1);
  }
  if (firstText(spec, 'outputDir') !== undefined) {
    await makeFolder(outputFolder(folder));
    given['TS_OUTPUT_DIR'] = outputFolder(folder);
  }
  const input = Object.entries(mapping(spec, 'input'));
  if (input.length > 0) {
    const inputs = join(folder, 'input');
    await makeFolder(inputs);
    for (const [name, content] of input) {
      if (name.includes('/') || name === '..') throw new HoistError(`the name of an input file has a slash: ${name}`);
      await writeFile(join(inputs, name), String(content));
    }
    given['TS_INPUT_DIR'] = inputs;
  }
  const all = { ...host.env, ...given };
  return {
    given,
    input: given['TS_INPUT_DIR'] ?? '',
    shown: Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])),
  };
}

/** All files below a folder; links are passed over. */
async function addFolder({ sink }: Running, folder: string, path: string): Promise<void> {
  for (const entry of await entriesBelow(folder)) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) await sink.add({ path: `${path}/${relative(folder, file)}`, content: createReadStream(file) });
  }
}

export const journald: Collector = {
  claim: ({ spec }) => `host-collectors/journald/${firstText(spec, 'collectorName') ?? 'journald'}.txt`,
  timeoutMs: 30_000,
  async run(running) {
    const { item, sink, suffix } = running;
    const base = `host-collectors/journald/${firstText(item.spec, 'collectorName') ?? 'journald'}${suffix}`;
    const command = ['journalctl', ...journalArguments(item.spec)];
    const { exitCode, stdout, stderr } = await outputOf(running, { command });
    const info = {
      command: command.join(' '),
      exitCode: String(exitCode),
      error: exitCode === 0 ? '' : stderr,
      output: '',
      env: null,
    };
    await sink.add({ path: `${base}.txt`, content: Buffer.from(stdout) });
    await sink.add({ path: `${base}-info.json`, content: json(info) });
    if (stderr !== '') await sink.add({ path: `${base}-stderr.txt`, content: Buffer.from(stderr) });
    if (exitCode !== 0) throw new HoistError(`journalctl ended with exit code ${exitCode}: ${stderr.trim()}`);
  },
};

function journalArguments(spec: Readonly<Record<string, unknown>>): string[] {
  const flags = ['system', 'dmesg', 'reverse', 'utc']
    .filter((key) => parseBool(spec[key]) === true)
    .map((key) => `--${key}`);
  const values = ['since', 'until', 'output'].flatMap((key) => {
    const value = firstText(spec, key);
    return value === undefined ? [] : [`--${key}=${value}`];
  });
  const lines = Number(text(spec, 'lines') ?? 0);
  return [
    '--no-pager',
    ...flags,
    ...list(spec, 'units').map((unit) => `--unit=${unit}`),
    ...values,
    ...(lines > 0 ? [`--lines=${lines}`] : []),
  ];
}

/** Installed packages of the names that the spec has for this system. */
export const systemPackages: Collector = {
  claim: ({ spec }) => `host-collectors/system/${firstText(spec, 'collectorName') ?? 'system'}-packages.json`,
  timeoutMs: 30_000,
  async run(running) {
    const { item, sink, suffix, host } = running;
    const { id, version } = await systemOf(host);
    const major = version.split('.')[0] ?? '';
    const names = [...list(item.spec, id), ...list(item.spec, `${id}${major}`)];
    const query = (await machineOf(host).exists('/usr/bin/dpkg')) ? ['dpkg', '-s'] : ['rpm', '-qi'];
    const packages = await Promise.all(names.map((name) => packageOf(running, query, name)));
    const name = firstText(item.spec, 'collectorName') ?? 'system';
    const content = json({
      os: id,
      osVersion: version,
      osVersionMajor: major,
      osVersionMinor: version.split('.')[1] ?? '',
      packages,
    });
    await sink.add({ path: `host-collectors/system/${name}${suffix}-packages.json`, content });
  },
};

async function systemOf(host: HostReach): Promise<{ id: string; version: string }> {
  const release = (await machineOf(host).read('/etc/os-release')).toString('utf8');
  const of = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  return { id: of('ID'), version: of('VERSION_ID') };
}

async function packageOf(running: Running, query: readonly string[], name: string): Promise<object> {
  const { exitCode, stdout, stderr } = await outputOf(running, { command: [...query, name] });
  return { name, details: stdout, exitCode: String(exitCode), error: stderr };
}
