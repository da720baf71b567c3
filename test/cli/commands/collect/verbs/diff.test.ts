// `collect diff`: two bundles, what is shown of their differences, and what could not be read of either.

import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../../invoke.ts';

const test = suite<Place>('cli/commands/collect/verbs/diff');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

async function bundle(file: string, files: Readonly<Record<string, unknown>>, link = ''): Promise<void> {
  const entries = pack();
  for (const [name, content] of Object.entries(files)) entries.entry({ name: `b/${name}` }, JSON.stringify(content));
  if (link !== '') entries.entry({ name: `b/${link}`, type: 'symlink', linkname: '/etc/passwd' });
  entries.finalize();
  await pipeline(entries as unknown as Readable, createGzip(), createWriteStream(file));
}

const list = (names: Readonly<Record<string, number>>): object => ({
  items: Object.entries(names).map(([name, spec]) => ({ metadata: { name }, spec })),
});

test('files and objects that came, went and changed, as text and as JSON', async ({ folder, invoke }) => {
  await bundle(join(folder, 'a.tar.gz'), { 'pods.json': list({ x: 1, y: 1 }), gone: 1, same: 1 });
  await bundle(join(folder, 'b.tar.gz'), { 'pods.json': list({ y: 2, z: 1 }), more: 1, same: 1 }, 'passwd');
  const { code, stdout, stderr } = await invoke('collect', ['diff', 'a.tar.gz', 'b.tar.gz']);
  assert.is(code, 0);
  assert.is(stdout, '- gone\n+ more\n~ pods.json\n    + z\n    - x\n    ~ y\n3 differences\n');
  assert.match(stderr, 'b.tar.gz: passwd was left out');
  const json = JSON.parse((await invoke('collect', ['diff', 'a.tar.gz', 'b.tar.gz', '--output', 'json'])).stdout) as {
    type: string;
    differences: { path: string; change: string }[];
    leftOut: { path: string }[];
  };
  assert.equal(
    [json.type, json.differences.map(({ path, change }) => `${change} ${path}`), json.leftOut.map(({ path }) => path)],
    ['collect.diff', ['removed gone', 'added more', 'changed pods.json'], ['b.tar.gz: passwd']],
  );
});

test('it takes two bundles, no fewer and no more', async ({ folder, invoke }) => {
  await bundle(join(folder, 'a.tar.gz'), { same: 1 });
  assert.is((await invoke('collect', ['diff', 'a.tar.gz', 'a.tar.gz'])).stdout, '0 differences\n');
  for (const operands of [[], ['a.tar.gz'], ['a.tar.gz', 'a.tar.gz', 'a.tar.gz']])
    assert.is((await invoke('collect', ['diff', ...operands])).error, 'diff needs two bundles: diff BEFORE AFTER');
});

test.run();
