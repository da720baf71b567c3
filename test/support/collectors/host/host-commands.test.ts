// What programs of the machine print, as the shapes that checks read; and the spec's own commands with what they are given.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../../scripts/host/execa.ts';
import * as commands from '../../../../scripts/support/collectors/host/host-commands.ts';
import type { Collector } from '../../../../scripts/support/collectors/collector.ts';
import { programs, runCollector } from '../running.ts';

const test = suite('support/collectors/host/host-commands');

type Json = Record<string, unknown>;

/** The one file that a table writes, parsed. */
async function tableOf(collector: Collector, stdout: string): Promise<unknown> {
  const { exec } = programs(() => stdout);
  const { files } = await runCollector(collector, {}, { host: { exec } });
  const [content = ''] = Object.values(files);
  return JSON.parse(content) as unknown;
}

async function message(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => '',
    (error: unknown) => (error as Error).message,
  );
}

test('services, with and without the mark of a failed one', async () => {
  const stdout = '● a.service loaded failed failed  Some words\n  b.service loaded active running B\n\n* c.service x\n';
  assert.equal(await tableOf(commands.hostServices, stdout), [
    { Unit: 'a.service', Load: 'loaded', Active: 'failed', Sub: 'failed' },
    { Unit: 'b.service', Load: 'loaded', Active: 'active', Sub: 'running' },
    { Unit: 'c.service', Load: 'x', Active: '', Sub: '' },
  ]);
});

test('block devices, of old and new lsblk', async () => {
  const line = (major: string): string =>
    `NAME="sda 1" KNAME="sda1" PKNAME="sda" TYPE="part" ${major}="8:1" SIZE="512" FSTYPE="ext4" MOUNTPOINT="/" SERIAL="" RO="0" RM="1"`;
  const device = {
    name: 'sda 1',
    kernel_name: 'sda1',
    parent_kernel_name: 'sda',
    type: 'part',
    major: 8,
    minor: 1,
    size: 512,
    filesystem_type: 'ext4',
    mountpoint: '/',
    serial: '',
    read_only: false,
    removable: true,
  };
  assert.equal(await tableOf(commands.blockDevices, `${line('MAJ:MIN')}\n${line('MAJ_MIN')}\n`), [device, device]);
  assert.equal(await tableOf(commands.blockDevices, 'NAME="x" RO="1"'), [
    {
      ...device,
      ...{ name: 'x', kernel_name: '', parent_kernel_name: '', type: '', major: 0, minor: 0, size: 0 },
      ...{ filesystem_type: '', mountpoint: '', read_only: true, removable: false },
    },
  ]);
});

test('kernel parameters: empty ones too, and no lines that are none', async () => {
  assert.equal(await tableOf(commands.sysctl, 'a.b = 1\nc.d =\ne = x = y\nsysctl: permission denied\n'), {
    'a.b': '1',
    'c.d': '',
    e: 'x = y',
  });
});

test('the clock: words of timedatectl as booleans, and one name for UTC', async () => {
  const of = (zone: string, synchronized: string, ntp: string): Promise<unknown> =>
    tableOf(commands.time, `Timezone=${zone}\nLocalRTC=no\nNTP=${ntp}\nNTPSynchronized=${synchronized}\n`);
  assert.equal(await of('Etc/UTC', 'yes', 'no'), { timezone: 'UTC', ntp_synchronized: true, ntp_active: false });
  assert.equal(await of('Europe/Rome', 'no', 'yes'), {
    timezone: 'EUROPE/ROME',
    ntp_synchronized: false,
    ntp_active: true,
  });
});

test('a second item writes beside the first; what cannot be run is no empty file', async () => {
  const { exec } = programs(() => 'a = 1');
  const { files } = await runCollector(commands.sysctl, {}, { suffix: '-2', host: { exec } });
  assert.equal(Object.keys(files), ['host-collectors/system/sysctl-2.json']);
  const none = programs(() => undefined);
  assert.match(await message(runCollector(commands.time, {}, { host: none })), 'timedatectl was not found');
});

const info = (files: Record<string, string>): Json =>
  JSON.parse(files['host-collectors/run-host/run-host-info.json'] ?? '{}') as Json;

test('an own command: its words, its output, and its exit code as a result', async () => {
  const good = programs(() => ({ exitCode: 0, stdout: 'out', stderr: 'warned' }));
  const spec = { command: 'probe', args: ['-v', 7] };
  const ran = await runCollector(commands.hostRun, spec, { host: { ...good, env: { A: '1' } } });
  assert.equal([good.calls[0]?.file, good.calls[0]?.args], ['probe', ['-v', '7']]);
  assert.equal(info(ran.files), {
    command: 'probe -v 7',
    exitCode: '0',
    error: '',
    outputDir: '',
    input: '',
    env: ['A=1'],
  });
  assert.is(ran.files['host-collectors/run-host/run-host.txt'], 'out');
  assert.is(ran.files['host-collectors/run-host/run-host-stderr.txt'], 'warned');
  assert.equal(ran.notes, []);
  const bad = programs(() => ({ exitCode: 3, stdout: 'some', stderr: 'broken' }));
  const failed = await runCollector(commands.hostRun, { ...spec, collectorName: 'x' }, { host: bad, suffix: '-2' });
  assert.equal(Object.keys(failed.files), [
    'host-collectors/run-host/x-2-info.json',
    'host-collectors/run-host/x-2.txt',
    'host-collectors/run-host/x-2-stderr.txt',
  ]);
  assert.match(failed.files['host-collectors/run-host/x-2-info.json'] ?? '', '"error": "broken"');
  assert.equal(failed.notes, ['exit code 3']);
  const silent = await runCollector(commands.hostRun, spec, { host: programs(() => 'x') });
  assert.not.ok('host-collectors/run-host/run-host-stderr.txt' in silent.files);
  assert.match(await message(runCollector(commands.hostRun, spec, { host: programs(() => undefined) })), 'not found');
});

test('a program that cannot be run has its whole name, which a redactor of its parts would not know', async () => {
  const failure = runCollector(commands.hostRun, { command: '/nonexistent/first/second' }, { host: { exec } });
  assert.is(await message(failure), '/nonexistent/first/second was not found');
  const short = runCollector(commands.hostRun, { command: 'no-such-program-first' }, { host: { exec } });
  assert.is(await message(short), 'no-such-program-first was not found');
});

test('an own command sees the environment that its spec allows', async () => {
  const env = { PATH: '/bin', KUBECONFIG: 'k', PWD: '/', HOME: '/root', SECRET: 's' };
  const given = async (spec: Json): Promise<Record<string, string | undefined>> => {
    const { exec, calls } = programs(() => '');
    await runCollector(commands.hostRun, { command: 'x', ...spec }, { host: { exec, env } });
    return { ...env, ...calls[0]?.env };
  };
  assert.equal(await given({}), env);
  assert.equal(await given({ ignoreParentEnvs: true }), { ...env, HOME: undefined, SECRET: undefined });
  assert.equal(await given({ inheritEnvs: ['HOME'] }), { ...env, SECRET: undefined });
  assert.equal(await given({ env: ['A=b=c', '=x', 'noequals', 'E='] }), { ...env, A: 'b=c', E: '' });
  assert.match(await message(given({ inheritEnvs: ['HOME', 'GONE'] })), 'inherit env variable is not found: GONE');
  // Nothing is inherited then, so that nothing is missing.
  assert.equal((await given({ ignoreParentEnvs: true, inheritEnvs: ['GONE'] }))['SECRET'], undefined);
});

test('an own command is given its input, and what it writes is collected; both folders go away', async () => {
  let folder = '';
  const { exec } = programs(({ env = {}, cwd = '' }) => {
    folder = cwd;
    const output = env['TS_OUTPUT_DIR'] ?? '';
    mkdirSync(join(output, 'sub'));
    writeFileSync(join(output, 'sub', 'a.txt'), readFileSync(join(env['TS_INPUT_DIR'] ?? '', 'in.txt')));
    return '';
  });
  const spec = { command: 'x', outputDir: 'res', input: { 'in.txt': 'hello' } };
  const { files } = await runCollector(commands.hostRun, spec, { host: { exec } });
  assert.is(files['host-collectors/run-host/run-host/res/sub/a.txt'], 'hello');
  assert.match(folder, /\/hoist-collect-[\w-]+$/);
  assert.throws(() => readFileSync(join(folder, 'input', 'in.txt')), /ENOENT/);
  for (const name of ['../x', 'a/b', '..']) {
    const bad = runCollector(commands.hostRun, { command: 'x', input: { [name]: '' } }, { host: { exec } });
    assert.match(await message(bad), 'has a slash');
  }
});

test('the journal: each key of the spec is a flag', async () => {
  const argsOf = async (spec: Json): Promise<readonly string[]> => {
    const { exec, calls } = programs(() => 'lines');
    await runCollector(commands.journald, spec, { host: { exec } });
    return calls[0]?.args ?? [];
  };
  assert.equal(await argsOf({}), ['--no-pager']);
  assert.equal(
    await argsOf({
      ...{ system: true, dmesg: 'true', reverse: false, utc: 'x', units: ['a', 'b'] },
      ...{ since: '1 hour ago', output: 'json', lines: 5 },
    }),
    ['--no-pager', '--system', '--dmesg', '--unit=a', '--unit=b', '--since=1 hour ago', '--output=json', '--lines=5'],
  );
  assert.equal(await argsOf({ lines: 0 }), ['--no-pager']);
  assert.equal(await argsOf({ lines: 1 }), ['--no-pager', '--lines=1']);
});

test('a journal that cannot be read is a failure, with what there is of it kept', async () => {
  const bad = programs(() => ({ exitCode: 1, stdout: 'part', stderr: 'no access\n' }));
  const kept: Record<string, string> = {};
  const failed = runCollector(commands.journald, {}, { host: bad, keep: kept });
  assert.is(await message(failed), 'journalctl ended with exit code 1: no access');
  assert.is(kept['host-collectors/journald/journald.txt'], 'part');
  const fine = programs(() => ({ exitCode: 0, stdout: 'all', stderr: 'note' }));
  const { files } = await runCollector(commands.journald, { collectorName: 'k' }, { host: fine });
  assert.is(files['host-collectors/journald/k-stderr.txt'], 'note');
  assert.match(files['host-collectors/journald/k-info.json'] ?? '', '"error": ""');
});

test('packages: the names for this system and its major version, asked of its own tool', async () => {
  const root = mkdtempSync(join(tmpdir(), 'packages-test-'));
  try {
    mkdirSync(join(root, 'etc'));
    mkdirSync(join(root, 'usr', 'bin'), { recursive: true });
    writeFileSync(join(root, 'etc', 'os-release'), 'NAME="x"\nID=ubuntu\nVERSION_ID="22.04"\n');
    const spec = { ubuntu: ['curl'], ubuntu22: ['nfs-common'], ubuntu20: ['old'], rhel: ['other'] };
    const asked = programs(({ args }) => (args.includes('curl') ? 'Status: ok' : { exitCode: 1, stderr: 'none' }));
    const rpm = await runCollector(commands.systemPackages, spec, { host: { ...asked, root } });
    assert.equal(
      asked.calls.map(({ file, args }) => [file, ...args].join(' ')),
      ['rpm -qi curl', 'rpm -qi nfs-common'],
    );
    assert.equal(JSON.parse(rpm.files['host-collectors/system/system-packages.json'] ?? ''), {
      os: 'ubuntu',
      osVersion: '22.04',
      osVersionMajor: '22',
      osVersionMinor: '04',
      packages: [
        { name: 'curl', details: 'Status: ok', exitCode: '0', error: '' },
        { name: 'nfs-common', details: '', exitCode: '1', error: 'none' },
      ],
    });
    writeFileSync(join(root, 'usr', 'bin', 'dpkg'), '');
    writeFileSync(join(root, 'etc', 'os-release'), 'ID=alpine\nVERSION_ID=3\n');
    const dpkg = programs(() => 'x');
    const { files } = await runCollector(
      commands.systemPackages,
      { alpine: ['a'], collectorName: 'n' },
      { host: { ...dpkg, root } },
    );
    assert.equal(
      dpkg.calls.map(({ file, args }) => [file, ...args]),
      [['dpkg', '-s', 'a']],
    );
    assert.match(files['host-collectors/system/n-packages.json'] ?? '', '"osVersionMinor": ""');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test.run();
