// The page of a bundle in a real browser: what is wrong comes first, filters filter, and no text of a cluster does anything.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { FileStore } from '../../../scripts/support/bundle/store.ts';
import { pageData } from '../../../scripts/support/page/data.ts';
import { pageHtml, pageParts } from '../../../scripts/support/page/html.ts';
import type { PageData } from '../../../scripts/support/page/model.ts';
import type { AnalyzeResult } from '../../../scripts/support/types.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const EVIL = `</script><img src=x onerror=alert(1)> "'&<!-- \u202eevil`;

interface Context {
  folder: string;
  browser: Browser;
  page: Page;
  /** What the page said or asked for that it should not have. */
  noise: string[];
}

const test = suite<Context>('support/page');
// Without a browser each test is skipped, and counted as such.
const inBrowser = (name: string, callback: Callback<Context>): void => {
  if (existsSync(CHROMIUM)) test(name, callback);
  else test.skip(name, callback);
};

const pod = (name: string, more: object): object => ({ metadata: { name, namespace: 'web' }, ...more });
const running = { status: { phase: 'Running', containerStatuses: [{ ready: true, restartCount: 0 }] } };
const crashing = {
  status: {
    phase: 'Running',
    containerStatuses: [{ ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  },
};
const event = (type: string, message: string, namespace: string): object => ({
  metadata: { name: 'e', namespace },
  involvedObject: { kind: 'Pod', name: 'p' },
  type,
  reason: 'Because',
  message,
  lastTimestamp: '2026-01-02T03:04:05Z',
});

const result = (outcome: AnalyzeResult['outcome'], title: string, uri?: string): AnalyzeResult => ({
  outcome,
  title,
  message: `${title} it is`,
  uri,
  kind: 'k',
  host: false,
  place: { file: 'a.yaml', line: 1, column: 1 },
});

async function data(): Promise<PageData> {
  const store = new FileStore();
  const put = (path: string, content: unknown): Promise<unknown> =>
    store.put(path, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)));
  const many = Array.from({ length: 400 }, (_, i) => pod(`ok-${i}`, running));
  await put('cluster-resources/pods/web.json', { items: [...many, pod('bad-1', crashing), pod(EVIL, running), null] });
  await put('cluster-resources/nodes.json', [{ metadata: { name: 'n1' }, status: { conditions: [] } }]);
  await put('cluster-resources/services/web.json', 'no json');
  await put('cluster-resources/events/web.json', {
    items: [event('Warning', EVIL, 'web'), event('Normal', 'fine', 'web')],
  });
  await put('cluster-resources/events/db.json', { items: [event('Warning', 'disk full', 'db')] });
  await put(
    'cluster-resources/pods/logs/web/bad-1/c.log',
    `first\n${'x'.repeat(100)}\n`.repeat(400) + `last ${EVIL}\n`,
  );
  const collector = { kind: 'k', host: false, place: 'a.yaml:1:1', files: 3, notes: [] };
  const made = await pageData({
    name: EVIL,
    madeAt: new Date('2026-01-02T03:04:05Z'),
    wallMs: 1234,
    stopped: undefined,
    results: [
      result('pass', 'fine'),
      result('fail', EVIL, 'javascript:alert(3)'),
      result('warn', 'old', 'https://ex.io/a'),
    ],
    collectors: [
      { ...collector, title: 'cluster-resources', outcome: 'ok', startedMs: 0, endedMs: 900, problems: [] },
      { ...collector, title: EVIL, outcome: 'failed', startedMs: 100, endedMs: 1200, problems: [EVIL] },
      { ...collector, title: 'ceph', outcome: 'unsupported', files: 0, problems: ['hoist does not support "ceph"'] },
    ],
    leftOut: [{ path: 'a/b', reason: 'too odd' }],
    store,
  });
  await store.close();
  return made;
}

if (existsSync(CHROMIUM)) {
  test.before(async (context) => {
    const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
    context.browser = await chromium.launch({ executablePath: CHROMIUM, args: [...flags, ...quiet] });
    context.folder = mkdtempSync(join(tmpdir(), 'hoist-page-'));
    const file = join(context.folder, 'index.html');
    writeFileSync(file, pageHtml(await pageParts(), JSON.stringify(await data())));
  });
  test.before.each(async (context) => {
    const page = await context.browser.newPage({ viewport: { width: 1200, height: 900 } });
    const noise: string[] = [];
    page.on('console', (message) => noise.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      noise.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) noise.push(`request: ${request.url()}`);
    });
    Object.assign(context, { page, noise });
    await page.goto(pathToFileURL(join(context.folder, 'index.html')).href);
  });
  test.after.each(({ page }) => page.close());
  test.after(async ({ browser, folder }) => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

inBrowser('checks come first, the failed one before all', async ({ page, noise }) => {
  assert.is(await page.locator('section').first().getAttribute('id'), 'checks');
  assert.equal(await page.locator('#checks li i').allTextContents(), ['fail', 'warn', 'pass']);
  assert.is(await page.locator('#checks a').count(), 1);
  assert.is(await page.locator('#checks a').getAttribute('href'), 'https://ex.io/a');
  assert.equal(noise, []);
});

inBrowser('objects: what is not well on top, filtered by words, namespace and state', async ({ page }) => {
  const rows = page.locator('#objects tbody tr');
  assert.match(await rows.first().innerText(), 'CrashLoopBackOff 0/1, 7 restarts');
  assert.is(await rows.count(), 300);
  assert.is(await page.locator('#objects .count').innerText(), '403 of 403, the first 300 shown');
  await page.locator('#objects-only').check();
  assert.is(await rows.count(), 2);
  await page.locator('#objects-only').uncheck();
  await page.locator('#objects input[type=search]').fill('ok-39 running');
  assert.is(await rows.count(), 11);
});

inBrowser('events: only warnings, of one namespace', async ({ page }) => {
  const rows = page.locator('#events tbody tr');
  assert.is(await rows.count(), 3);
  await page.locator('#events-only').check();
  await page.locator('#events select').selectOption('db');
  assert.equal(await rows.allInnerTexts().then((all) => all.map((row) => row.includes('disk full'))), [true]);
});

inBrowser('a log is there with its end; collectors with what they cost', async ({ page }) => {
  await page.locator('#logs summary').click();
  const text = await page.locator('#logs pre').innerText();
  assert.match(text, /last <\/script>/);
  assert.ok(text.length < 17 << 10);
  assert.match(await page.locator('#collectors li').first().innerText(), '1100 ms, 3 files');
  const bars = await page.locator('#collectors .run').all();
  const widths = await Promise.all(bars.map(async (bar) => ((await bar.boundingBox())?.width ?? 0) > 0));
  assert.equal(widths, [true, true, false]);
  assert.match(await page.locator('#notes').innerText(), 'a/b was left out: too odd');
});

inBrowser('text of a cluster stays text', async ({ page, noise }) => {
  assert.is(await page.locator('img').count(), 0);
  assert.is(await page.locator('#checks b', { hasText: '</script><img' }).count(), 1);
  assert.not.ok((await page.locator('body').innerText()).includes('\u202e'), 'nothing turns the text around it');
  assert.equal(noise, []);
});

inBrowser('light and dark', async ({ page }) => {
  const ground = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.is.not(await ground(), light);
  if (process.env['HOIST_TEST_PICTURES'] !== undefined)
    await page.screenshot({ path: join(process.env['HOIST_TEST_PICTURES'], 'dark.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
  if (process.env['HOIST_TEST_PICTURES'] !== undefined)
    await page.screenshot({ path: join(process.env['HOIST_TEST_PICTURES'], 'light.png') });
});

test('bounds: rows and lists beyond them are named, not read', async () => {
  const store = new FileStore();
  const items = Array.from({ length: 5_100 }, (_, i) => pod(`p-${i}`, running));
  await store.put('cluster-resources/pods/web.json', Buffer.from(JSON.stringify({ items })));
  await store.put('cluster-resources/events/web.json', Buffer.alloc((16 << 20) + 1, 32));
  const inputs = {
    name: 'a',
    madeAt: new Date(0),
    wallMs: 1,
    stopped: undefined,
    results: [],
    collectors: [],
    leftOut: [],
  };
  const made = await pageData({ ...inputs, store });
  await store.close();
  assert.is(made.objects.length, 5_000);
  assert.equal(made.notes, [
    'cluster-resources/events/web.json is too long for this page',
    "100 more objects are in the bundle's files",
  ]);
});

test.run();
