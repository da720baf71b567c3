import { execFileSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../scripts/engine/errors.ts';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import { exitCodeOf } from '../../scripts/base/errors.ts';
import { exec } from '../../scripts/host/execa.ts';
import { startTimeOf } from '../../scripts/host/incarnation.ts';
import { type BuildablePin, goBuildCommand, goEnvironment, goListCommand } from '../../scripts/tools/build/go.ts';
import { locateTool, resolveTools } from '../../scripts/tools/locate.ts';
import type { ToolOptions } from '../../scripts/tools/options.ts';
import { type Pin, PINS, type ToolName } from '../../scripts/tools/pins.ts';
import { readRecord } from '../../scripts/tools/tool-record.ts';
import { type Workbench, MODULE, fakeGo, pinAt, provide, workbench } from './workbench.ts';

const test = suite<{ bench: Workbench }>('tools built with Go');

test.before.each(async (context) => {
  context.bench = await workbench();
});
test.after.each(({ bench }) => bench.close());

function buildable(...names: ToolName[]): BuildablePin[] {
  return names.map((name) => PINS[name]).filter((pin): pin is BuildablePin => pin.build !== undefined);
}

async function failureOf(run: Promise<unknown>): Promise<StepsFailedError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, StepsFailedError);
  return error as StepsFailedError;
}

test('components that share a binary are chosen by tags, and what is listed is what is built', () => {
  const [etcd, apiserver, helm] = buildable('etcd', 'kube-apiserver', 'helm');
  if (!etcd || !apiserver || !helm) throw new Error('Go builds all three');
  const version = ['gitVersion=v1.36.3', 'gitMajor=1', 'gitMinor=36', 'gitTreeState=clean'];
  const defines = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) =>
    version.map((variable) => `-X ${path}.${variable}`),
  );
  const kwok = '-X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0';
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-gcflags=all=-dwarf=false'];
  const tags = ['-tags', 'with_etcd,with_kube_apiserver'];
  assert.equal(goBuildCommand([etcd, apiserver], '/out/api').args, [
    ...['build', '-v', ...flags, ...tags],
    ...['-ldflags', ['-s', '-w', ...defines, kwok].join(' '), '-o', '/out/api', 'hoist/tools'],
  ]);
  const listed = goListCommand([etcd, apiserver]).args;
  assert.equal(listed.slice(0, 8), ['list', '-deps', ...flags, ...tags]);
  assert.is(listed.at(-1), 'hoist/tools');
  assert.equal(goBuildCommand([helm], '/out/helm').args.slice(-3), ['-o', '/out/helm', 'helm.sh/helm/v3/cmd/helm']);
});

test('the compiler gets as much memory as the machine has for it', () => {
  const options: ToolOptions = { env: { HOME: '/h' }, exec, platform: { os: 'darwin', arch: 'arm64' } };
  const of = (gib: number, cpus: number): (string | undefined)[] => {
    const env = goEnvironment(options, { memoryBytes: gib * 2 ** 30, cpus, source: '' });
    assert.equal([env['GOOS'], env['GOARCH'], env['CGO_ENABLED'], env['HOME']], ['darwin', 'arm64', '0', '/h']);
    return [env['GOGC'], env['GOMEMLIMIT']];
  };
  assert.equal(of(24, 2), ['off', '3072MiB']);
  assert.equal(of(8, 2), ['off', '2867MiB']);
  assert.equal(of(8, 8), [undefined, undefined]);
});

test('builds where the publisher is unreachable, and says why', async ({ bench }) => {
  const { site, options } = bench;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  await site.close();
  const builds = await fakeGo(bench);
  const events = await provide(['kwok'], options);
  const { kwok } = await resolveTools(['kwok'], options);
  assert.equal((await readdir(join(kwok, '..'))).sort(), ['kwok', 'kwok.json']);
  assert.is((await builds()).length, 1);
  assert.ok((await builds())[0]?.startsWith(`${MODULE} build `));

  const record = await readRecord(kwok);
  assert.is(record?.way, 'build');
  assert.is(record?.way === 'build' && record.go, 'go1.99.0');
  const notes = events.flatMap((event) => (event.type === 'step-ended' ? (event.record.notes ?? []) : []));
  assert.match(notes.join(), /^built with Go: http:\/\/127\.0\.0\.1:\d+ cannot be reached/);
});

test('builds where the publisher has not got it', async ({ bench }) => {
  bench.options.pins = { kwok: pinAt(bench.site.url, 'kwok') };
  await fakeGo(bench);
  await provide(['kwok'], bench.options);
  assert.is((await locateTool('kwok', bench.options))?.source, 'cache');
});

test('builds what is not published for the platform, without asking the publisher', async ({ bench }) => {
  const { site, options } = bench;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  options.platform = { os: 'linux', arch: 'arm64' };
  await fakeGo(bench);
  await provide(['kwok'], options);
  assert.match((await resolveTools(['kwok'], options)).kwok, /1\.2\.3-linux-arm64\/kwok$/);
  assert.equal(site.asked, []);
});

test('builds the tools of a set into one binary, and tells how far it is', async ({ bench }) => {
  const { site, options } = bench;
  const shared = (name: ToolName, tag: string): Pin => {
    const pin = pinAt(site.url, name);
    return { ...pin, build: { module: MODULE, package: 'hoist.test/tool', tag, ldflags: '' } };
  };
  options.pins = {
    etcd: shared('etcd', 'with_etcd'),
    'kube-apiserver': shared('kube-apiserver', 'with_apiserver'),
    kwok: shared('kwok', 'with_kwok'),
  };
  const builds = await fakeGo(bench);
  const events = await provide(['etcd', 'kube-apiserver', 'kwok'], options);
  const tools = await resolveTools(['etcd', 'kube-apiserver', 'kwok'], options);
  assert.equal(
    (await builds()).map((line) => / -tags (\S+) /.exec(line)?.[1]),
    ['with_etcd,with_apiserver', 'with_kwok'],
  );
  const inode = async (file: string): Promise<number> => (await stat(file)).ino;
  assert.is(await inode(tools.etcd), await inode(tools['kube-apiserver']));
  assert.is.not(await inode(tools.etcd), await inode(tools.kwok));
  assert.equal((await readdir(join(tools.etcd, '..'))).sort(), ['etcd', 'etcd.json']);

  const told = events.flatMap((event) => (event.type === 'step-progress' ? [event] : []));
  const api = told.filter(({ step }) => step === 'tool/api').map(({ progress }) => progress);
  assert.equal(
    api.map(({ done, total, unit }) => [done, total, unit]),
    [
      [1, undefined, 'modules'],
      [0, 2, 'packages'],
      [1, 2, 'packages'],
    ],
  );
  assert.ok(api.slice(1).every(({ leftMs = 0 }) => leftMs > 0));
  const announced = events.flatMap((event) => (event.type === 'step-announced' ? [event.message] : []));
  assert.is(announced.length, 1);
  assert.match(
    announced[0] ?? '',
    /^building etcd 1\.2\.3, kube-apiserver 1\.2\.3, kwok 1\.2\.3 with go1\.99\.0, about \d+ min on \d+ CPUs?, once: /,
  );
});

test('a failed build shows the compiler, and leaves nothing', async ({ bench }) => {
  const { site, options, folder } = bench;
  options.pins = { etcd: pinAt(site.url, 'etcd'), kwok: pinAt(site.url, 'kwok') };
  await fakeGo(bench, { body: 'echo "greeter.go:1: syntax error" >&2; exit 1' });
  const error = await failureOf(provide(['etcd', 'kwok'], options));
  assert.is(exitCodeOf(error), 5);
  assert.match(error.message, /etcd 1\.2\.3 could not be built: go ended with code 1:\ngreeter\.go:1: syntax/);
  assert.equal((await readdir(join(folder, 'cache/hoist/tools'))).sort(), ['locks']);
});

test('a cancelled build ends the compiler and leaves nothing', async ({ bench }) => {
  const { site, options, folder } = bench;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  await fakeGo(bench, { body: 'sleep 1000 & echo $! >&2; wait' });
  const abort = new AbortController();
  let compiler = 0;
  const onEvent = (event: EngineEvent): void => {
    if (event.type !== 'step-output' || !/^\d+$/.test(event.line)) return;
    compiler = Number(event.line);
    abort.abort(new Error('interrupted'));
  };
  try {
    await provide(['kwok'], options, { signal: abort.signal, onEvent });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'interrupted');
  }
  assert.ok(compiler > 0);
  assert.is(await startTimeOf(compiler), undefined);
  assert.equal(await readdir(join(folder, 'cache/hoist/tools')), ['locks']);
  assert.equal(await readdir(join(folder, 'cache/hoist/tools/locks')), []);
});

test('neither publisher nor Go: one message for all tools says what to do', async ({ bench }) => {
  const { site, options } = bench;
  const k3d = pinAt(site.url, 'k3d');
  delete k3d.build;
  options.pins = { etcd: pinAt(site.url, 'etcd'), kwok: pinAt(site.url, 'kwok'), k3d };
  await site.close();
  const error = await failureOf(provide(['etcd', 'kwok'], options));
  assert.is(exitCodeOf(error), 5);
  assert.is(error.errors.length, 1);
  assert.match(
    error.message,
    /cannot get etcd 1\.2\.3, kwok 1\.2\.3: .* cannot be reached: .*; Go, .* is not installed$/,
  );
  const hint = error.errors[0]?.hint ?? '';
  assert.match(hint, /install Go 1\.26 or later, which builds etcd, kwok/);
  assert.match(hint, /HOIST_MIRROR/);
  assert.match(hint, /HOIST_TOOL_ETCD=PATH HOIST_TOOL_KWOK=PATH/);

  // What Go cannot build is not promised to be built.
  await fakeGo(bench);
  const alone = await failureOf(provide(['k3d', 'kwok'], options));
  assert.match(alone.message, /cannot get k3d 1\.2\.3: [^;]*$/);
  assert.not.match(alone.errors[0]?.hint ?? '', /install Go/);
  assert.match(alone.errors[0]?.hint ?? '', /install k3d from 1\.2\.0 to below 1\.3\.0/);
});

/** Where Go keeps what it has compiled; undefined where there is no Go. */
const goCache = await exec({ file: 'go', args: ['env', 'GOCACHE'] }).then(
  ({ stdout }) => stdout,
  () => undefined,
);

const withGo = goCache === undefined ? test.skip.bind(test) : test;

withGo('the real Go builds the tool, and it tells its version', async ({ bench }) => {
  const { site, options } = bench;
  options.env = { ...options.env, PATH: process.env['PATH'], GOFLAGS: '', GOCACHE: goCache };
  delete options.platform;
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  await provide(['kwok'], options);
  const { kwok } = await resolveTools(['kwok'], options);
  assert.is(execFileSync(kwok, { encoding: 'utf8' }), 'greeter version v1.2.3\n');
});

// On large machines the two are built at once.
const ifInTurn = availableParallelism() < 8 ? test : test.skip;

ifInTurn('a step whose build waits for another one tells what it waits for, and how far that is', async ({ bench }) => {
  const { site, options } = bench;
  options.pins = { etcd: pinAt(site.url, 'etcd'), kwok: pinAt(site.url, 'kwok') };
  await site.close();
  await fakeGo(bench);
  const events = await provide(['etcd', 'kwok'], options);
  const waits = events.flatMap((event) =>
    event.type === 'step-progress' && event.progress.waitsFor !== undefined ? [event] : [],
  );
  const [step] = new Set(waits.map((event) => event.step));
  const other = step === 'tool/nodes' ? 'etcd' : 'kwok';
  assert.match(waits[0]?.progress.waitsFor ?? '', new RegExp(`^the build of ${other} 1\\.2\\.3$`));
  assert.equal(waits.at(-1)?.progress.unit, 'packages');
  assert.ok((waits.at(-1)?.progress.total ?? 0) > 0);
});

test.run();
