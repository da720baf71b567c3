// The scripts of pages: what was built is used until one of its sources is newer.

import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageScript, prebuildPages } from '../../scripts/host/page-script.ts';

const PAGES = fileURLToPath(new URL('../../dist/pages', import.meta.url));

const pages = suite<{ folder: string }>('scripts of pages');

pages.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-page-'));
});
pages.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
  for (const name of readdirSync(PAGES)) {
    if (name.includes(basename(folder).replaceAll(/\W/g, '-'))) rmSync(join(PAGES, name));
  }
});

function write(folder: string, name: string, text: string, secondsAhead: number): void {
  const file = join(folder, name);
  writeFileSync(file, text);
  const time = Date.now() / 1000 + secondsAhead;
  utimesSync(file, time, time);
}

pages('one text of all modules, that cannot end its element', async ({ folder }) => {
  write(folder, 'main.ts', "import { word } from './word.ts';\ndocument.title = `${word}</script>`;\n", 0);
  write(folder, 'word.ts', 'export const word: string = document.body.id;\n', 0);
  const script = await pageScript(folder);
  assert.match(script, 'document.body.id');
  assert.not.match(script, '</script>');
  await prebuildPages([folder]);
  assert.is(await pageScript(folder), script);
});

pages('what was built serves until a source of it is newer', async ({ folder }) => {
  write(folder, 'main.ts', "import { word } from './word.ts';\ndocument.title = word;\n", -60);
  write(folder, 'word.ts', "export const word = 'first';\n", -60);
  await prebuildPages([folder]);
  write(folder, 'word.ts', "export const word = 'second';\n", -30);
  assert.match(await pageScript(folder), 'first');
  write(folder, 'word.ts', "export const word = 'second';\n", 60);
  assert.match(await pageScript(folder), 'second');
});

pages.run();
