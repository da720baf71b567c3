// The page in a real browser, with a thousand clusters; and who may see it.

import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { chromium, type Browser, type Page } from 'playwright-core';
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { type PageServer, servePage } from '../../../scripts/fleet/page/server.ts';
import { type ClusterState, Runner } from '../../../scripts/fleet/runner.ts';
import { fleetMetrics } from '../../../scripts/fleet/metrics/metrics.ts';
import { cluster, defaults, fleetOf } from '../world.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const EVIL = `</script><img src=x onerror=alert(1)>`;

interface Context {
  runner: Runner;
  page: PageServer;
  browser: Browser;
}

const test = suite<Context>('fleet/page');
const inBrowser = (name: string, callback: Callback<Context>): void => {
  if (existsSync(CHROMIUM)) test(name, callback);
  else test.skip(name, callback);
};

test.before(async (context) => {
  const clusters = Array.from({ length: 1_000 }, (_, at) =>
    cluster(`c-${String(at).padStart(4, '0')}`, { server: 'https://127.0.0.1:1' }),
  );
  const runner = new Runner(fleetOf([], clusters), defaults);
  const states: ClusterState[] = ['synced', 'synced', 'synced', 'synced', 'running', 'pending', 'failed', 'held'];
  [...runner.records.values()].forEach((record, at) => {
    record.state = states[at % states.length] ?? 'synced';
    record.result = {
      cluster: record.cluster.id,
      sets: [
        {
          id: 'SelectorSyncSet/base',
          kind: 'SelectorSyncSet',
          name: 'base',
          generation: 1,
          ok: record.state !== 'failed',
          message: record.state === 'failed' ? `ConfigMap x/y: ${EVIL}` : undefined,
          toDelete: [],
          warnings: [],
          retry: true,
          ms: 10,
        },
      ],
      wanted: 600,
      unchanged: 600,
      confirmed: 0,
      changes: [],
      held: [],
      requests: 3,
      ms: at,
      unreachable: false,
    };
  });
  context.runner = runner;
  const metrics = fleetMetrics(
    () => runner,
    () => new Date(),
  );
  context.page = await servePage({
    host: '127.0.0.1',
    port: 0,
    title: 'hoist sync',
    runner: () => runner,
    ready: () => true,
    metrics: () => metrics.registry.metrics(),
    now: () => new Date(),
  });
  if (!existsSync(CHROMIUM)) return;
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  context.browser = await chromium.launch({ executablePath: CHROMIUM, args });
});
test.after(async ({ page, runner, browser }) => {
  if (existsSync(CHROMIUM)) await browser.close();
  await page.close();
  runner.close();
});

inBrowser(
  'a thousand clusters are drawn, follow what happens, and tell about themselves; nothing of theirs runs',
  async (context) => {
    const tab = await context.browser.newPage({ viewport: { width: 1200, height: 900 } });
    const noise: string[] = [];
    tab.on('console', (message) => noise.push(message.text()));
    tab.on('pageerror', (error) => noise.push(error.message));
    tab.on('dialog', (dialog) => {
      noise.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await tab.goto(context.page.url);
    await tab.locator('#grid button.s').first().waitFor();
    assert.is(await tab.locator('#grid button').count(), 1_000);
    assert.is(await tab.locator('#grid button.f').count(), 125);
    assert.match(await tab.locator('#states').innerText(), /500 synced/);
    assert.match(await tab.locator('#failing').innerText(), /SelectorSyncSet\/base[\s\S]*onerror=alert\(1\)[\s\S]*125/);
    assert.match(await tab.locator('#slowest').innerText(), /fleet\/c-0999/);
    const record = context.runner.records.get('fleet/c-0006');
    assert.ok(record);
    record.state = 'unreachable';
    await tab.locator('[data-cluster="fleet/c-0006"].u').waitFor();
    await tab.locator('[data-cluster="fleet/c-0006"]').click();
    await tab.locator('#dialog').waitFor();
    assert.match(await tab.locator('#detail').innerText(), /"state": "unreachable"/);
    await tab.keyboard.press('Escape');
    assert.is(await tab.locator('#dialog').isVisible(), false);
    await picture(tab, 'page');
    assert.equal(noise, []);
    await tab.close();
  },
);

/** For a person to look at. */
async function picture(tab: Page, name: string): Promise<void> {
  const folder = process.env['HOIST_TEST_PICTURES'];
  if (folder !== undefined) await tab.screenshot({ path: `${folder}/sync-${name}.png`, fullPage: true });
}

inBrowser('it is read in the dark and on a telephone, and by the keyboard alone', async ({ page, browser }) => {
  const tab = await browser.newPage({ viewport: { width: 375, height: 700 }, colorScheme: 'dark' });
  await tab.goto(page.url);
  await tab.locator('#grid button').first().waitFor();
  // As text: these tests are not checked with the types of a browser.
  const inPage = (expression: string): Promise<unknown> => tab.evaluate(expression);
  const focused = 'document.activeElement.dataset.cluster ?? document.activeElement.id';
  assert.is(await inPage('document.documentElement.scrollWidth'), 375, 'nothing to scroll to at the side');
  assert.is(await inPage('getComputedStyle(document.body).backgroundColor'), 'rgb(22, 24, 29)');
  await picture(tab, 'dark-narrow');
  await tab.keyboard.press('Tab');
  assert.is(await inPage(focused), 'fleet/c-0000');
  // From square to square by arrows: a thousand stops of Tab are none.
  await tab.keyboard.press('ArrowRight');
  assert.is(await inPage(focused), 'fleet/c-0001');
  await tab.keyboard.press('Enter');
  await tab.locator('#dialog').waitFor();
  assert.match(await tab.locator('#detail').innerText(), /c-0001/);
  assert.is(await inPage(focused), 'close');
  await picture(tab, 'detail');
  await tab.keyboard.press('Escape');
  assert.is(await inPage(focused), 'fleet/c-0001');
  await tab.keyboard.press('Tab');
  assert.is(await inPage('document.activeElement.closest("#grid")'), null, 'one stop for the whole grid');
  await tab.close();
});

/** fetch does not let the Host header be chosen. */
function statusFor(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('it answers to this machine alone, and elsewhere only with the token', async ({ page, runner }) => {
  assert.is(await statusFor(page.url, 'evil.example'), 421);
  assert.is(await statusFor(page.url, 'localhost:1'), 200);
  const base = {
    port: 0,
    title: 't',
    runner: () => runner,
    ready: () => false,
    metrics: () => Promise.resolve('figures'),
    now: () => new Date(),
  };
  let refused = '';
  await servePage({ ...base, host: '0.0.0.0' }).catch((error: unknown) => (refused = String(error)));
  assert.match(refused, /needs a token/);
  const open = await servePage({ ...base, host: '0.0.0.0', token: 'pass-phrase' });
  const url = open.url.replace('0.0.0.0', '127.0.0.1');
  assert.is((await fetch(`${url}metrics`)).status, 401);
  assert.is((await fetch(`${url}metrics`, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  const allowed = await fetch(`${url}metrics`, { headers: { authorization: 'Bearer pass-phrase' } });
  assert.is(await allowed.text(), 'figures');
  const entered = await fetch(`${url}?token=pass-phrase`, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  assert.is((await fetch(`${url}state`, { headers: { cookie } })).status, 200);
  // Probes of a kubelet have no token.
  assert.is((await fetch(`${url}healthz`)).status, 200);
  assert.is((await fetch(`${url}readyz`)).status, 503);
  await open.close();
});

/** Sent as it stands: fetch would tidy the path. */
function locationOf(url: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    httpRequest({ host: hostname, port, path }, (response) => {
      response.resume();
      resolve(response.headers.location ?? `status ${response.statusCode ?? 0}`);
    })
      .on('error', reject)
      .end();
  });
}

test('entering leads to a path of this server and nowhere else', async ({ page }) => {
  const paths = [
    '//evil.example',
    '/.//evil.example',
    '/..//evil.example/x',
    '/%2e//evil.example',
    '/.///evil.example',
  ];
  const backslashes = ['/\\evil.example', '/./\\evil.example', '/.\\/evil.example'];
  for (const path of [...paths, ...backslashes, '/', '/state']) {
    const location = await locationOf(page.url, `${path}?token=x`);
    assert.is(new URL(location, page.url).host, new URL(page.url).host, `${path} leads to ${location}`);
  }
});

test.run();
