// Commands that read a bundle name what of it they do not have.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../../../scripts/cli/arguments.ts';
import { leftOutLines } from '../../../../scripts/cli/commands/collect/left-out.ts';
import { collect } from '../../../../scripts/cli/commands/collect/spec.ts';

const test = suite<{ folder: string }>('cli/commands/collect/left-out');

const SPEC = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: s}
spec:
  analyzers:
    - textAnalyze: {checkName: t, fileName: a.txt, regex: text, outcomes: [{pass: {when: "true", message: found}}]}
`;

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-left-out-'));
  for (const name of ['one', 'two']) {
    const entries = pack();
    entries.entry({ name: `${name}/a.txt` }, 'text');
    entries.entry({ name: `${name}/passwd`, type: 'symlink', linkname: '/etc/passwd' });
    entries.entry({ name: `${name}/disk`, type: 'block-device' });
    entries.finalize();
    const file = createWriteStream(join(context.folder, `${name}.tar.gz`));
    await pipeline(entries as unknown as Readable, createGzip(), file);
  }
  await writeFile(join(context.folder, 'spec.yaml'), SPEC);
});
test.after.each(({ folder }) => rm(folder, { recursive: true }));

async function run(folder: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const streamOf = (name: keyof typeof said): NodeJS.WriteStream => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    stream.on('data', (chunk: Buffer) => (said[name] += chunk.toString()));
    return stream;
  };
  const signal = new AbortController().signal;
  const io = { env: { HOME: folder }, cwd: folder, stdout: streamOf('stdout'), stderr: streamOf('stderr'), signal };
  assert.is(await collect.run(parseArguments(collect, args), io), 0);
  return said;
}

test('analyze names them, and has them in its JSON', async ({ folder }) => {
  const { stderr } = await run(folder, ['analyze', 'one.tar.gz', 'spec.yaml']);
  assert.equal(stderr.trim().split('\n'), [
    'warning: passwd was left out: a link to /etc/passwd, which is not in the bundle',
    'warning: disk was left out: no file: block-device',
  ]);
  const { stdout } = await run(folder, ['analyze', 'one.tar.gz', 'spec.yaml', '--output', 'json']);
  const { leftOut } = JSON.parse(stdout) as { leftOut: { path: string }[] };
  assert.equal(
    leftOut.map(({ path }) => path),
    ['passwd', 'disk'],
  );
});

test('diff says in which bundle', async ({ folder }) => {
  const { stdout, stderr } = await run(folder, ['diff', 'one.tar.gz', 'two.tar.gz']);
  assert.equal(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.split(' was ')[0]),
    [
      'warning: one.tar.gz: passwd',
      'warning: one.tar.gz: disk',
      'warning: two.tar.gz: passwd',
      'warning: two.tar.gz: disk',
    ],
  );
  assert.is(stdout, '0 differences\n');
});

test('a hundred thousand of them are twenty lines and a number; a long name is cut', () => {
  const many = Array.from({ length: 100_000 }, () => ({ path: 'x'.repeat(5_000), reason: 'a link' }));
  const lines = leftOutLines(many);
  assert.is(lines.length, 21);
  assert.is(lines.at(-1), '99980 more were left out');
  assert.ok((lines[0] ?? '').length < 1_100);
});

test.run();
