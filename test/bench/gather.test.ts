// All benches in one go: the files and the table that they leave, misses and failures distinguished.

import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExecError } from '../../scripts/host/exec.ts';
import { exec } from '../../scripts/host/execa.ts';
import { gather } from '../../bench/harness/gather.ts';
import type { Gathered } from '../../bench/harness/gather.ts';

const fake = fileURLToPath(new URL('./fake-bench.ts', import.meta.url));
const README = 'head\n\n<!-- results: written by `npm run bench` -->\n\nold\n\n<!-- end of results -->\n\ntail\n';

const test = suite<{ dir: string }>('gathered benches', { dir: '' });

/** A bench file that runs the fake one in the given mode. */
function bench(dir: string, name: string, mode: string): Promise<void> {
  return writeFile(
    join(dir, `${name}.ts`),
    `process.env['FAKE'] = ${JSON.stringify(mode)};\nawait import(${JSON.stringify(fake)});\n`,
  );
}

function run(dir: string, names: string[] = []): Promise<Gathered> {
  return gather({ dir, names, runs: 2, signal: new AbortController().signal, log: () => undefined });
}

test.before.each(async (context) => {
  context.dir = await mkdtemp(join(tmpdir(), 'hoist-gather-'));
  await writeFile(join(context.dir, 'README.md'), README);
  await writeFile(join(context.dir, 'package.json'), '{"type":"module"}');
});
test.after.each(({ dir }) => rm(dir, { recursive: true }));

test('keeps the results as files and as a table that names the machine, and passes over what is no bench', async ({
  dir,
}) => {
  await bench(dir, 'good', '');
  await writeFile(join(dir, 'harness.ts'), 'throw new Error("is no bench");');
  assert.equal(await run(dir), { missed: [], failed: {} });
  const kept = JSON.parse(await readFile(join(dir, 'results', 'good.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(kept['ratios'], { 'a/b': { value: 2, target: 2, ok: true, good: 'at most' } });
  const text = await readFile(join(dir, 'README.md'), 'utf8');
  assert.match(text, /^head\n[^]*Measured \d{4}-\d\d-\d\d on .*, Node v/);
  assert.match(text, '| fake | a/b | 2.00 | at most 2 | ok |');
  assert.match(text, '- fake: absent skipped, absent is not on PATH');
  assert.not.match(text, 'old');
  assert.ok(text.endsWith('<!-- end of results -->\n\ntail\n'));
});

test('tells a missed target from a failure, and goes on after both', async ({ dir }) => {
  await bench(dir, 'a-fails', '');
  await run(dir);
  assert.equal(await readdir(join(dir, 'results')), ['a-fails.json']);
  await bench(dir, 'a-fails', 'fails');
  await bench(dir, 'b-misses', 'misses');
  await bench(dir, 'c-good', '');
  const { missed, failed } = await run(dir);
  assert.equal(missed, ['b-misses']);
  assert.equal(Object.keys(failed), ['a-fails']);
  assert.match(failed['a-fails'] ?? '', 'b broke');
  assert.equal((await readdir(join(dir, 'results'))).sort(), ['b-misses.json', 'c-good.json']);
  assert.match(await readFile(join(dir, 'README.md'), 'utf8'), '**missed**');
});

test('refuses an unknown name, and a README without a place for the table, before anything runs', async ({ dir }) => {
  await bench(dir, 'good', '');
  const thrown = async (names: string[]): Promise<string> => {
    try {
      await run(dir, names);
      return 'nothing';
    } catch (error) {
      return String(error);
    }
  };
  assert.match(await thrown(['god']), 'no such bench: god');
  await writeFile(join(dir, 'README.md'), 'no place\n');
  assert.match(await thrown([]), 'no place for the results');
  assert.not.ok((await readdir(dir)).includes('results'));
});

test('the command ends with 2 for what is no bench and for a bad --runs, and leaves the README alone', async () => {
  const all = join(import.meta.dirname, '..', '..', 'bench');
  const before = await readFile(join(all, 'README.md'), 'utf8');
  for (const args of [['nonsense'], ['engine', '--runs', '0'], ['--fast']]) {
    const failure: unknown = await exec({
      file: process.execPath,
      args: ['--import', 'tsx', join(all, 'run-all.ts'), ...args],
    }).catch((error: unknown) => error);
    assert.instance(failure, ExecError);
    assert.is((failure as ExecError).details.exitCode, 2, args.join(' '));
  }
  assert.is(await readFile(join(all, 'README.md'), 'utf8'), before);
});

test.run();
