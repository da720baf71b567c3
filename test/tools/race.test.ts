// Publishers that stall or are slow: Go begins meanwhile, and whichever is done first counts.

import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineEvent } from '../../scripts/engine/event.ts';
import { resolveTools } from '../../scripts/tools/locate.ts';
import { readRecord } from '../../scripts/tools/tool-record.ts';
import { sha256 } from './publisher.ts';
import { type Workbench, fakeGo, pinAt, provide, toolScript, workbench } from './workbench.ts';

const test = suite<{ bench: Workbench }>('downloads that stall');

const published = `${toolScript('1.2.3')}# ${'x'.repeat(20_000)}\n`;
const PATIENT = { silentMs: 60_000, rateMs: 100, longMs: 3_600_000 };
const SOON = { silentMs: 200, rateMs: 60_000, longMs: 3_600_000 };

test.before.each(async (context) => {
  const bench = (context.bench = await workbench());
  bench.options.pins = { kwok: pinAt(bench.site.url, 'kwok') };
  bench.site.routes.set('/1.2.3/sums', sha256(published));
});
test.after.each(({ bench }) => bench.close());

/** The site answers requests for the tool with the first bytes, and leaves the rest to the test. */
function stall({ site }: Workbench): Promise<ServerResponse> {
  return new Promise((resolve) => {
    site.routes.set('/1.2.3/kwok', ({ headers }, response) => {
      response.writeHead(200, { 'content-length': published.length });
      if (headers.range !== undefined) {
        response.end(published);
        return;
      }
      response.write(published.slice(0, 1_000));
      resolve(response);
    });
  });
}

async function wayOf({ options }: Workbench): Promise<string | undefined> {
  return (await readRecord((await resolveTools(['kwok'], options)).kwok))?.way;
}

const announced = (events: EngineEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'step-announced' ? [event.message] : []));

test('what stalls is built meanwhile', async ({ bench }) => {
  bench.options.patience = SOON;
  void stall(bench);
  const builds = await fakeGo(bench);
  const events = await provide(['kwok'], bench.options);
  assert.is((await builds()).length, 1);
  assert.is(await wayOf(bench), 'build');
  assert.match(
    announced(events).at(-1) ?? '',
    /^the download of kwok has brought nothing for 0\.2 s: meanwhile Go builds kwok 1\.2\.3$/,
  );
});

test('what goes on before the build is done is taken, and the build ends', async ({ bench }) => {
  bench.options.patience = SOON;
  const stalled = stall(bench);
  await fakeGo(bench, { body: 'echo compiling >&2; sleep 1000 & wait' });
  const onEvent = (event: EngineEvent): void => {
    if (event.type === 'step-output' && event.line === 'compiling') {
      void stalled.then((response) => response.end(published.slice(1_000)));
    }
  };
  await provide(['kwok'], bench.options, { onEvent });
  assert.is(await wayOf(bench), 'download');
  assert.is(await readFile((await resolveTools(['kwok'], bench.options)).kwok, 'utf8'), published);
});

test('what would take longer than a build is built meanwhile', async ({ bench }) => {
  bench.options.patience = { ...PATIENT, longMs: 5_000 };
  const stalled = stall(bench);
  await fakeGo(bench);
  const response = stalled.then((one) => {
    let sent = 1_000;
    const drip = setInterval(() => one.write(published.slice(sent, (sent += 10))), 20);
    one.on('close', () => clearInterval(drip));
  });
  const events = await provide(['kwok'], bench.options);
  await response;
  assert.is(await wayOf(bench), 'build');
  assert.match(announced(events).at(-1) ?? '', /^the download of kwok would take \d+ min: meanwhile/);
});

test('without Go a slow download is waited for, as long as it takes', async ({ bench }) => {
  bench.options.patience = { silentMs: 100, rateMs: 100, longMs: 100 };
  const stalled = stall(bench);
  void stalled.then((one) => {
    let sent = 1_000;
    const drip = setInterval(() => {
      one.write(published.slice(sent, (sent += 1_000)));
      if (sent >= published.length) {
        clearInterval(drip);
        one.end();
      }
    }, 50);
  });
  const events = await provide(['kwok'], bench.options);
  assert.is(await wayOf(bench), 'download');
  const left = events.flatMap((event) => (event.type === 'step-progress' ? (event.progress.leftMs ?? []) : []));
  assert.ok(left.length > 2 && (left.at(0) ?? 0) > (left.at(-1) ?? 0), left.join());
});

test('a wrong file is not built over', async ({ bench }) => {
  bench.site.routes.set('/1.2.3/kwok', 'another file');
  const builds = await fakeGo(bench);
  const error: unknown = await provide(['kwok'], bench.options).catch((thrown: unknown) => thrown);
  assert.match(String(error), /wrong checksum/);
  assert.equal(await builds(), []);
});

test.run();
