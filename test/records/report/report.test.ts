// The report page in a real browser: draws, obeys pointer and keyboard, and lets no text of a log do anything.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { suite, type Callback } from 'uvu';
import * as assert from 'uvu/assert';
import { compareSides } from '../../../scripts/records/compare/comparison.ts';
import { reportPage } from '../../../scripts/records/report/report.ts';
import type { BenchmarkRecord } from '../../../scripts/records/record.ts';
import { sampleRecord, sampleRun, sampleStep, scratch } from '../sample.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const EVIL = '<script>alert(1)</script>';
const EVIL_STEP = `</script><img src=x onerror=alert(2)> "'&<!--`;

interface Context {
  path: string;
  remove: () => void;
  browser: Browser;
  page: Page;
  /** What the page said or asked for that it should not have. */
  noise: string[];
  open: (html: string) => Promise<void>;
}

const test = suite<Context>('records/report');
// Without a browser each test is skipped, and counted as such.
const check = (name: string, callback: Callback<Context>): void => {
  if (existsSync(CHROMIUM)) test(name, callback);
  else test.skip(name, callback);
};

if (existsSync(CHROMIUM)) {
  test.before(async (context) => {
    const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
    context.browser = await chromium.launch({ executablePath: CHROMIUM, args: [...flags, ...quiet] });
  });
  test.before.each(async (context) => {
    Object.assign(context, scratch());
    const { path, browser } = context;
    const noise: string[] = [];
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => noise.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      noise.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) noise.push(`request: ${request.url()}`);
    });
    const open = async (html: string): Promise<void> => {
      const file = join(path, 'report.html');
      writeFileSync(file, html);
      await page.goto(pathToFileURL(file).href);
    };
    Object.assign(context, { page, noise, open });
  });
  test.after.each(async ({ page, remove }) => {
    await page.close();
    remove();
  });
  test.after(({ browser }) => browser.close());
}

/** A run with all that a timeline can show. */
function rich(day: number, factor: number, label: string): BenchmarkRecord {
  const ms = (value: number) => value * factor;
  const steps = [
    sampleStep('prepare', 0, ms(20)),
    sampleStep('start etcd', ms(20), ms(160), { needs: ['prepare'] }),
    sampleStep('start kube-apiserver', ms(20), ms(2100), { needs: ['prepare'] }),
    sampleStep('pull images', ms(900), ms(2400), { queuedMs: ms(20), pool: 'downloads', attempts: 3 }),
    sampleStep(EVIL_STEP, ms(2100), ms(2300), { needs: ['start kube-apiserver'], notes: ['unchanged'] }),
    sampleStep('add-ons', ms(2300), ms(2500), { outcome: 'warned', reason: 'no such chart', needs: [EVIL_STEP] }),
    {
      name: 'demo',
      needs: ['add-ons'],
      endedMs: ms(2500),
      attempts: 0,
      outcome: 'skipped' as const,
      reason: 'add-ons failed',
    },
  ];
  const retries = {
    'pull images': [
      { attempt: 1, startedMs: ms(900), endedMs: ms(1200), failure: 'timed out' },
      { attempt: 2, startedMs: ms(1400), endedMs: ms(1700), failure: 'timed out' },
      { attempt: 3, startedMs: ms(1900), endedMs: ms(2400) },
    ],
  };
  return sampleRecord({
    startedAt: new Date(Date.UTC(2026, 0, day, 12)),
    label,
    retries,
    run: {
      ...sampleRun({}),
      wallMs: ms(2500),
      steps,
      criticalPath: ['prepare', 'start kube-apiserver', EVIL_STEP, 'add-ons'],
      parallelGain: 1.7,
    },
    durationMs: ms(2500) + day,
    planHash: label === 'other plan' ? 'b' : 'a',
  });
}

let page: Promise<string> | undefined;

function twoSides(): Promise<string> {
  const side = (name: string, first: number, factor: number) => ({
    name,
    records: Array.from({ length: 6 }, (_, i) => rich(first + i, factor, name)),
  });
  const [a, b] = [side(EVIL, 1, 1), side('other plan', 10, 1.4)];
  page ??= reportPage([a, b], compareSides(a, b), '/nowhere');
  return page;
}

check('draws two runs over each other without a word on the console', async ({ open, page, noise }) => {
  await open(await twoSides());
  assert.equal(noise, []);
  assert.is(await page.locator('.row').count(), 7);
  assert.is(await page.locator('.row .a rect.running').count(), 6);
  assert.is(await page.locator('.row .b rect.running.critical').count(), 4);
  assert.is(await page.locator('.row .a rect.waiting').count(), 1);
  assert.is(await page.locator('.row .a rect.attempt').count(), 2);
  assert.is(await page.locator('.links.a path').count(), 3);
  assert.is(await page.locator('.dot').count(), 12, 'the history of both plans');
  assert.match(await page.locator('.verdicts tr', { hasText: 'whole run' }).innerText(), /\+40 %.*slower/s);
  assert.match(await page.locator('.facts').innerText(), /CPU cores\s+4\s+4/);
});

check('text from a log is text', async ({ open, page, noise }) => {
  await open(await twoSides());
  assert.equal(noise, []);
  assert.is(await page.locator('img').count(), 0);
  assert.is(await page.locator('main script').count(), 0);
  assert.match(await page.locator('#run-a').innerText(), /<script>alert\(1\)<\/script>/);
  assert.is(await page.locator('.verdicts th', { hasText: EVIL_STEP }).count(), 1);
});

check('the pointer shows the details of each step', async ({ open, page }) => {
  await open(await twoSides());
  const rows = page.locator('.row');
  const expected = [
    /prepare/,
    /etcd/,
    /A: ran 2\.08 s, from 20\.0 ms to 2\.10 s.*on the critical path/s,
    /waited 880 ms.*3 attempts.*timed out/s,
  ];
  for (const [index, details] of expected.entries()) {
    await rows.nth(index).hover();
    assert.match(await page.locator('#details').innerText(), details);
  }
  await page.mouse.move(5, 5);
  assert.is(await page.locator('#details').isVisible(), false);
});

check('the keyboard reaches each step, and each run of the history', async ({ open, page }) => {
  await open(await twoSides());
  await page.locator('#run-b').focus();
  await page.keyboard.press('Tab');
  const seen: string[] = [];
  const details = () => page.locator('#details strong').innerText();
  for (let i = 0; i < 7; i++) {
    seen.push(await details());
    await page.keyboard.press('ArrowDown');
  }
  assert.equal([...new Set(seen)].length, 7, seen.join());
  assert.is(seen[4], EVIL_STEP.replace(/\s+/g, ' '));
  assert.is(await page.locator('.row[tabindex="0"]').count(), 1);
  await page.keyboard.press('Home');
  assert.is(await details(), 'prepare');
  await page.keyboard.press('Escape');
  assert.is(await page.locator('#details').isVisible(), false);
  await page.keyboard.press('Tab');
  await page.keyboard.press('End');
  assert.match(await page.locator('#details').innerText(), /2026-01-06 12:00:00/);
});

check('another run can be chosen, and none', async ({ open, page }) => {
  await open(await twoSides());
  await page.locator('#run-b').selectOption('none');
  assert.is(await page.locator('.row .b').count(), 0);
  await page.locator('#run-a').selectOption({ index: 0 });
  assert.match(await page.locator('.summary').innerText(), /^A: done in 3\.5\d s, parallel gain 1\.70$/);
});

check('follows the system in light and dark, and can be switched', async ({ open, page }) => {
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(await twoSides());
  const dark = await ground();
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.is.not(light, dark);
  await page.getByRole('button').click();
  assert.is(await ground(), dark);
});

check('nothing is cut off on a narrow screen or on paper', async ({ open, page }) => {
  await page.setViewportSize({ width: 380, height: 700 });
  await open(await twoSides());
  const tooWide = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  assert.is(tooWide, 0);
  await page.setViewportSize({ width: 1200, height: 900 });
  await page.emulateMedia({ media: 'print' });
  assert.is(await page.locator('button').isVisible(), false);
  assert.is(await page.locator('.row').first().isVisible(), true);
  assert.ok((await page.pdf({ format: 'A4' })).length > 10_000);
});

check('a thousand runs of a hundred steps', async ({ open, page, noise }) => {
  const records = Array.from({ length: 1000 }, (_, i) => {
    const steps = Array.from({ length: 100 }, (_, k) =>
      sampleStep(`step ${k}`, k * 20, k * 20 + 50 + ((i * 7 + k) % 13)),
    );
    const startedAt = new Date(Date.UTC(2026, 0, 1) + i * 600_000);
    return sampleRecord({
      startedAt,
      run: { ...sampleRun({}), wallMs: 2100, steps },
      durationMs: 2100 + ((i * 37) % 101),
    });
  });
  await open(await reportPage([{ name: 'all', records }], [], '/nowhere'));
  assert.equal(noise, []);
  assert.is(await page.locator('.row').count(), 100);
  assert.is(await page.locator('.dot').count(), 1000);
});

test.run();
