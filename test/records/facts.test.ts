// What is said of the machine that a run was made on: limits of cgroups, its system, how busy it was.

import * as os from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  busyShare,
  cgroupCpus,
  inContainer,
  memoryLimit,
  osName,
  systemFacts,
  watchLoad,
} from '../../scripts/records/facts.ts';

const test = suite('records/facts');
const files =
  (texts: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    texts[path];
const [MAX, QUOTA, PERIOD] = [
  '/sys/fs/cgroup/cpu.max',
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us',
];

test('the CPUs of a quota, of either version of cgroups; none where there is no limit', () => {
  const table: [Record<string, string>, number | undefined][] = [
    [{}, undefined],
    [{ [MAX]: 'max 100000\n' }, undefined],
    [{ [MAX]: '150000 100000\n' }, 1.5],
    [{ [MAX]: '33333 100000' }, 0.333],
    [{ [MAX]: '0 100000' }, undefined],
    [{ [QUOTA]: '-1\n', [PERIOD]: '100000\n' }, undefined],
    [{ [QUOTA]: '250000\n', [PERIOD]: '100000\n' }, 2.5],
    [{ [QUOTA]: '250000' }, undefined],
    [{ [MAX]: '150000 100000', [QUOTA]: '1', [PERIOD]: '1' }, 1.5],
  ];
  for (const [texts, cpus] of table) assert.is(cgroupCpus(files(texts)), cpus, JSON.stringify(texts));
});

test('the name of the system: its own, else that of its kernel', () => {
  const of = (text: string): string => osName(files({ '/etc/os-release': text }));
  assert.is(of('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12"\nID=y\n'), 'Debian GNU/Linux 12');
  assert.is(of('PRETTY_NAME=Alpine\n'), 'Alpine');
  for (const text of ['', 'NAME=x\n']) assert.is(of(text), `${os.type()} ${os.release()}`);
  assert.is(osName(files({})), `${os.type()} ${os.release()}`);
});

test('a container shows by any of its marks', () => {
  const is = (texts: Record<string, string>, env: NodeJS.ProcessEnv = {}, path = ''): boolean =>
    inContainer(files(texts), env, (one) => one === path);
  assert.is(is({ '/proc/1/cgroup': '0::/init.scope\n' }), false);
  assert.is(is({}), false);
  for (const path of ['/.dockerenv', '/run/.containerenv']) assert.is(is({}, {}, path), true, path);
  for (const name of ['KUBERNETES_SERVICE_HOST', 'container']) assert.is(is({}, { [name]: '' }), true, name);
  for (const group of ['docker', 'kubepods', 'containerd', 'lxc'])
    assert.is(is({ '/proc/1/cgroup': `0::/${group}/x` }), true, group);
});

test('the facts of this machine are those that the system gives', () => {
  const facts = systemFacts();
  assert.is('cpuLimit' in facts, cgroupCpus() !== undefined, 'no limit is no field');
  assert.is(facts.cpuLimit, cgroupCpus());
  assert.equal(
    [facts.host, facts.cores, facts.memoryBytes, facts.kernel, facts.node, facts.parallelism],
    [os.hostname(), os.cpus().length, os.totalmem(), os.release(), process.versions.node, os.availableParallelism()],
  );
  assert.ok((facts.memoryLimitBytes ?? 1) < os.totalmem());
  assert.ok(facts.memoryLimitBytes === undefined || facts.memoryLimitBytes > 0);
});

test('the load is a share, also of a run that is over at once', () => {
  const { before, after, during, firstSecond } = watchLoad().end();
  assert.ok(before >= 0 && after >= 0);
  assert.ok(during >= 0 && during <= 1, String(during));
  assert.is(firstSecond, undefined);
  for (const figure of [before, after, during]) assert.is(Math.round(figure * 1000) / 1000, figure);
});

test('a limit of memory counts where it is below all memory', () => {
  for (const [constrained, limit] of [
    [0, undefined],
    [1, 1],
    [99, 99],
    [100, undefined],
    [2 ** 63, undefined],
  ] as const)
    assert.is(memoryLimit(constrained, 100), limit, String(constrained));
});

test('the share of CPU time that was used in between', () => {
  const start = { idle: 1_000, total: 5_000 };
  assert.is(busyShare(start, { idle: 1_250, total: 6_000 }), 0.75);
  assert.is(busyShare(start, { idle: 1_000, total: 5_300 }), 1);
  assert.is(busyShare(start, { idle: 1_200, total: 5_300 }), 0.333);
  assert.is(busyShare(start, start), 0);
});

test('a run that computes is seen as one', () => {
  const load = watchLoad();
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 60_000);
  assert.ok(load.end().during > 0);
});

test.run();
