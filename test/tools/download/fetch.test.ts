import { execFileSync } from 'node:child_process';
import { access, mkdir, readFile, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../../scripts/engine/errors.ts';
import type { EngineEvent } from '../../../scripts/engine/event.ts';
import { exitCodeOf } from '../../../scripts/base/errors.ts';
import { locateTool, resolveTools } from '../../../scripts/tools/locate.ts';
import type { Published } from '../../../scripts/tools/pins.ts';
import { readRecord } from '../../../scripts/tools/tool-record.ts';
import { toolSteps } from '../../../scripts/tools/tool-steps.ts';
import { type Publisher, halfOf, sha256 } from '../publisher.ts';
import { type Workbench, archiveOf, pinAt, provide, toolScript, workbench } from '../workbench.ts';

const test = suite<{ bench: Workbench }>('tools from a publisher');
const tool = toolScript('1.2.3');

test.before.each(async (context) => {
  context.bench = await workbench();
  const { site, options } = context.bench;
  options.pins = { kwok: pinAt(site.url, 'kwok'), etcd: pinAt(site.url, 'etcd') };
  site.routes.set('/1.2.3/kwok', tool);
  site.routes.set('/1.2.3/etcd', tool);
  site.routes.set('/1.2.3/sums', `${sha256(tool)}  _dist/kwok\n${sha256(tool)} *etcd\n`);
});
test.after.each(({ bench }) => bench.close());

/** Large enough for progress to be told before its half. */
const large = Buffer.concat([Buffer.from(tool), Buffer.alloc(4 * 1_048_576, '#')]);

/** Publishes the large tool in the place of kwok; only its half is served. */
function publishLarge(site: Publisher): { cut: () => void } {
  const half = halfOf(large);
  site.routes.set('/1.2.3/kwok', half.handler);
  site.routes.set('/1.2.3/sums', sha256(large));
  return half;
}

/** The offset that the last request asked for. */
function resumedFrom({ asked }: Publisher): number {
  return Number(/bytes=(\d+)-$/.exec(asked.at(-1) ?? '')?.[1]);
}

async function failureOf(run: Promise<unknown>): Promise<StepsFailedError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, StepsFailedError);
  return error as StepsFailedError;
}

const notesOf = (events: readonly EngineEvent[], step: string): readonly string[] =>
  events.flatMap((event) => (event.type === 'step-ended' && event.step === step ? (event.record.notes ?? []) : []));

const partOf = ({ folder }: Workbench): string => join(folder, 'cache/hoist/tools/kwok/1.2.3-linux-amd64/kwok.part');

test('a missing tool is downloaded, checked, and found in the cache from then on', async ({ bench }) => {
  const { options, site } = bench;
  await provide(['kwok'], options);
  const path = join(partOf(bench), '..', 'kwok');
  assert.equal(await locateTool('kwok', options), { name: 'kwok', path, source: 'cache', version: '1.2.3' });
  assert.is(await readFile(path, 'utf8'), tool);
  assert.is((await stat(path)).mode & 0o777, 0o755);
  assert.equal(site.asked, ['/1.2.3/sums', '/1.2.3/kwok']);

  const record = await readRecord(path);
  assert.is(record?.way, 'download');
  assert.is(record?.sha256, sha256(tool));
  assert.equal(await toolSteps(['kwok'], options), []);
});

test('tells how far a download is', async ({ bench }) => {
  const events = await provide(['kwok'], bench.options);
  const progress = events.flatMap((event) => (event.type === 'step-progress' ? [event.progress] : []));
  const total = tool.length;
  assert.equal(progress, [
    { done: 0, total, unit: 'bytes' },
    { done: total, total, unit: 'bytes' },
  ]);
});

test('several tools are downloaded by steps of their own', async ({ bench }) => {
  await provide(['kwok', 'etcd'], bench.options);
  const paths = await resolveTools(['kwok', 'etcd'], bench.options);
  assert.match(paths.kwok, /\/kwok$/);
  assert.match(paths.etcd, /\/etcd$/);
});

test('a tool in an archive is unpacked, and the archive is gone', async ({ bench }) => {
  const { site, options, folder } = bench;
  const published: Published = {
    archs: ['amd64'],
    url: `${site.url}/kwok-v{version}-{os}-{arch}.tar.gz`,
    checksums: `${site.url}/sum`,
    member: 'kwok-{os}-{arch}/kwok',
  };
  const archive = await archiveOf(folder, 'kwok-linux-amd64/kwok', tool);
  site.routes.set('/kwok-v1.2.3-linux-amd64.tar.gz', archive);
  site.routes.set('/sum', `${sha256(archive)}\n`);
  options.pins = { kwok: pinAt(site.url, 'kwok', { published: { linux: published } }) };
  await provide(['kwok'], options);
  const { kwok } = await resolveTools(['kwok'], options);
  assert.is(await readFile(kwok, 'utf8'), tool);
  assert.equal((await readdir(join(kwok, '..'))).sort(), ['kwok', 'kwok.json']);
});

test('a member that is a link is refused, and what it points at stays as it is', async ({ bench }) => {
  const { site, options, folder } = bench;
  const victim = join(folder, 'victim');
  await writeFile(victim, 'mine', { mode: 0o600 });
  await mkdir(join(folder, 'linked/kwok-linux-amd64'), { recursive: true });
  await symlink(victim, join(folder, 'linked/kwok-linux-amd64/kwok'));
  const archive = execFileSync('tar', ['-czf', '-', '-C', join(folder, 'linked'), 'kwok-linux-amd64']);
  const published: Published = {
    archs: ['amd64'],
    url: `${site.url}/kwok-v{version}-{os}-{arch}.tar.gz`,
    checksums: `${site.url}/sum`,
    member: 'kwok-{os}-{arch}/kwok',
  };
  site.routes.set('/kwok-v1.2.3-linux-amd64.tar.gz', archive);
  site.routes.set('/sum', `${sha256(archive)}\n`);
  options.pins = { kwok: pinAt(site.url, 'kwok', { published: { linux: published } }) };
  const error = await provide(['kwok'], options).catch((thrown: unknown) => thrown);
  assert.match(String(error), 'is no plain file in the archive');
  assert.is((await stat(victim)).mode & 0o777, 0o600);
});

test('a binary that somebody changed in the cache is not run; one that was merely touched is', async ({ bench }) => {
  const { site, options } = bench;
  site.routes.set('/1.2.3/sums', `${sha256(tool)}  kwok\n`);
  options.pins = { kwok: pinAt(site.url, 'kwok') };
  await provide(['kwok'], options);
  const { kwok } = await resolveTools(['kwok'], options);
  await utimes(kwok, new Date(1000), new Date(1000));
  assert.is((await resolveTools(['kwok'], options)).kwok, kwok);
  await writeFile(kwok, tool.replace(/.$/s, '#'));
  await utimes(kwok, new Date(1000), new Date(1000));
  const error = await resolveTools(['kwok'], options).catch((thrown: unknown) => thrown);
  assert.match(String(error), 'is not the file that was put there');
});

test('a mirror has the files below the host of their publisher', async ({ bench }) => {
  const { site, options } = bench;
  const host = 'publisher.invalid';
  options.pins = { kwok: pinAt(`https://${host}`, 'kwok') };
  options.mirror = `${site.url}/files/`;
  site.routes.set(`/files/${host}/1.2.3/kwok`, tool);
  site.routes.set(`/files/${host}/1.2.3/sums`, sha256(tool));
  await provide(['kwok'], options);
  assert.is((await locateTool('kwok', options))?.source, 'cache');
});

test('a mirror that is no URL is a mistake in the configuration', async ({ bench }) => {
  const env = { ...bench.options.env, HOIST_MIRROR: 'mirror.example' };
  const error = await failureOf(provide(['kwok'], { ...bench.options, env }));
  assert.match(error.message, /HOIST_MIRROR: must be a URL/);
  assert.is(exitCodeOf(error), 2);
});

test('a wrong checksum removes the file and names both sums', async ({ bench }) => {
  bench.site.routes.set('/1.2.3/kwok', 'something else');
  const error = await failureOf(provide(['kwok'], bench.options));
  assert.is(exitCodeOf(error), 5);
  assert.ok(error.message.includes(sha256(tool)), 'the expected one');
  assert.ok(error.message.includes(sha256('something else')), 'the one it has');
  assert.equal(await readdir(join(partOf(bench), '..')), []);
  assert.is(bench.site.asked.filter((path) => path === '/1.2.3/kwok').length, 1, 'it is not tried again');
});

test('a checksum file without the tool is an error', async ({ bench }) => {
  bench.site.routes.set('/1.2.3/sums', `${sha256(tool)}  other\n${sha256(tool)}  another\n`);
  const error = await failureOf(provide(['kwok'], bench.options));
  assert.match(error.message, /no SHA-256 sum for kwok/);
});

test('a download that is cut goes on where it was', async ({ bench }) => {
  const { site, options } = bench;
  const half = publishLarge(site);
  const onEvent = (event: EngineEvent): void => {
    if (event.type !== 'step-progress') return;
    site.routes.set('/1.2.3/kwok', large);
    half.cut();
  };
  const events = await provide(['kwok'], options, { onEvent });
  assert.ok(events.some(({ type }) => type === 'step-retrying'));
  assert.equal(site.asked.slice(0, 2), ['/1.2.3/sums', '/1.2.3/kwok']);
  assert.ok(resumedFrom(site) >= 1_048_576);
  assert.is((await locateTool('kwok', options))?.source, 'cache');
});

test('a download that is cut again and again fails, and the next run goes on', async ({ bench }) => {
  const { site, options } = bench;
  site.routes.set('/1.2.3/kwok', (request, response) => {
    response.writeHead(request.headers.range ? 206 : 200, { 'content-length': 1_000 });
    response.write('#!', () => response.destroy());
  });
  const error = await failureOf(provide(['kwok'], options));
  assert.match(error.message, /was cut short/);
  assert.is(exitCodeOf(error), 5);
  await access(partOf(bench));
});

test('a first part of another file does not spoil the download', async ({ bench }) => {
  const { site, options } = bench;
  await mkdir(join(partOf(bench), '..'), { recursive: true });
  await writeFile(partOf(bench), 'other text');
  await provide(['kwok'], options);
  assert.equal(site.asked, ['/1.2.3/sums', '/1.2.3/kwok bytes=10-', '/1.2.3/kwok']);
  assert.is(await readFile((await resolveTools(['kwok'], options)).kwok, 'utf8'), tool);
});

test('a cancelled run leaves the part, and the next one goes on', async ({ bench }) => {
  const { site, options } = bench;
  publishLarge(site);
  const abort = new AbortController();
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'step-progress' && event.progress.done > 0) abort.abort(new Error('interrupted'));
  };
  try {
    await provide(['kwok'], options, { signal: abort.signal, onEvent });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'interrupted');
  }
  const { size } = await stat(partOf(bench));
  site.routes.set('/1.2.3/kwok', large);
  await provide(['kwok'], options);
  assert.is(resumedFrom(site), size);
});

test('without a published checksum the first download counts forever', async ({ bench }) => {
  const { site, options, folder } = bench;
  const published: Published = { archs: ['amd64'], url: `${site.url}/{version}/kwok` };
  options.pins = { kwok: pinAt(site.url, 'kwok', { published: { linux: published } }) };
  const events = await provide(['kwok'], options);
  assert.match(notesOf(events, 'tool/nodes').join(), /no checksum is published/);

  await rm(join(folder, 'cache'), { recursive: true });
  site.routes.set('/1.2.3/kwok', 'something else');
  const error = await failureOf(provide(['kwok'], options));
  assert.ok(error.message.includes(sha256(tool)) && error.message.includes(sha256('something else')));
});

test('a recorded checksum wins over a new one of the publisher', async ({ bench }) => {
  const { site, options, folder } = bench;
  await provide(['kwok'], options);
  await rm(join(folder, 'cache'), { recursive: true });
  site.routes.set('/1.2.3/kwok', 'something else');
  site.routes.set('/1.2.3/sums', sha256('something else'));
  const error = await failureOf(provide(['kwok'], options));
  assert.ok(error.message.includes(`expected sha256 ${sha256(tool)}`));
});

test('the lock file is where the environment says', async ({ bench }) => {
  const { options, folder } = bench;
  const file = join(folder, 'project', 'tools.lock.json');
  options.env = { ...options.env, HOIST_TOOLS_LOCK: file };
  await provide(['etcd', 'kwok'], options);
  const sums = JSON.parse(await readFile(file, 'utf8')) as Record<string, { sha256: string; from: string }>;
  assert.equal(Object.keys(sums), ['etcd 1.2.3 linux/amd64', 'kwok 1.2.3 linux/amd64']);
  assert.is(sums['kwok 1.2.3 linux/amd64']?.sha256, sha256(tool));
  assert.is(sums['kwok 1.2.3 linux/amd64']?.from, 'publisher');
});

test('a lock file that cannot be read is never taken for an empty one', async ({ bench }) => {
  const { options } = bench;
  await provide(['kwok'], options);
  const lock = join(bench.folder, 'state/hoist/tools.lock.json');

  await writeFile(lock, '{');
  const error = await failureOf(provide(['etcd'], options));
  assert.match(error.message, /tools\.lock\.json: cannot be read as JSON/);
});

test.run();
