// What is said of the tools before a run: which are there, what would be fetched, what cannot be had.

import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ToolName } from '../../scripts/tools/pins.ts';
import { checkTools } from '../../scripts/tools/preflight.ts';
import { pinAt, toolScript, workbench, type Workbench } from './workbench.ts';

const test = suite<{ bench: Workbench }>('tools/preflight');
test.before.each(async (context) => void (context.bench = await workbench()));
test.after.each(({ bench }) => bench.close());

async function check({ options, site, folder }: Workbench, there: Record<string, string>, names: ToolName[]) {
  options.pins = Object.fromEntries(names.map((name) => [name, pinAt(site.url, name)]));
  for (const [name, text] of Object.entries(there)) {
    const path = join(folder, 'bin', name);
    await writeFile(path, text);
    await chmod(path, 0o755);
  }
  const findings = await checkTools(names, options, new AbortController().signal);
  return findings.map(({ name, status, detail, hint }) => [name, status, detail, hint ?? '']);
}

const HINT = '`hoist tools fetch` fetches what is missing beforehand.';

test('tools that are there are named with their versions, and no publisher is asked', async ({ bench }) => {
  const one = await check(bench, { kwok: toolScript('1.2.4') }, ['kwok']);
  assert.equal(one, [['tools', 'ok', 'kwok 1.2.4 is there', '']]);
  const silent = join(bench.folder, 'silent');
  await writeFile(silent, '#!/bin/sh\n', { mode: 0o755 });
  bench.options.paths = { etcd: silent };
  const both = await check(bench, {}, ['kwok', 'etcd']);
  assert.equal(both, [['tools', 'ok', 'kwok 1.2.4, etcd are there', '']]);
  assert.equal(bench.site.asked, []);
});

test('of those that are missing it is said where they come from', async ({ bench }) => {
  bench.site.routes.set('/1.2.3/sums', 'a'.repeat(64));
  const rows = await check(bench, { kwok: toolScript('1.2.3') }, ['kwok', 'etcd']);
  const from = new URL(bench.site.url).host;
  assert.equal(rows, [
    ['tools', 'ok', 'kwok 1.2.3 is there', ''],
    ['missing tools', 'warn', `the first \`up\` will be downloading etcd 1.2.3 from ${from}, once`, HINT],
  ]);
  assert.equal(await check(bench, {}, ['etcd']), [rows[1]]);
});

test('what cannot be had at all is a failure, with what helps', async ({ bench }) => {
  const [row, ...more] = await check(bench, {}, ['etcd']);
  assert.equal([row?.slice(0, 2), more], [['tools', 'fail'], []]);
  assert.match(row?.[2] ?? '', /^cannot get etcd 1\.2\.3: /);
  assert.match(row?.[3] ?? '', /^Either /);
  bench.options.paths = { etcd: '/none/such' };
  const wrong = await check(bench, {}, ['etcd']);
  assert.equal(wrong, [['tools', 'fail', 'tools.etcd: /none/such is not an executable file', HINT]]);
});

test('what is no verdict about tools is thrown', async ({ bench }) => {
  const broken = new Error('broken');
  bench.options.exec = () => Promise.reject(broken);
  bench.site.routes.set('/1.2.3/sums', () => undefined);
  const controller = new AbortController();
  bench.options.pins = { etcd: pinAt(bench.site.url, 'etcd') };
  const checking = checkTools(['etcd'], bench.options, controller.signal);
  controller.abort(broken);
  assert.is(await checking.catch((error: unknown) => error), broken);
});

test.run();
