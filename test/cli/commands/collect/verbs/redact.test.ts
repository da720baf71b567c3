// `collect redact` gives a whole archive or none.

import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../../../../scripts/cli/arguments.ts';
import type { Io } from '../../../../../scripts/cli/command.ts';
import { collect } from '../../../../../scripts/cli/commands/collect/spec.ts';
import { ArchiveWriter, readArchive } from '../../../../../scripts/support/bundle/archive.ts';

const redact = suite<{ folder: string }>('collect redact');

redact.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-redact-'));
  const archive = new ArchiveWriter(join(context.folder, 'in.tar.gz'), 'in', new Date(0));
  for (const name of ['a.txt', 'b.txt']) {
    await archive.add(name, { kind: 'buffer', content: Buffer.from('password=hunter2hunter2\n') });
  }
  await archive.close();
});
redact.after.each(({ folder }) => rm(folder, { recursive: true }));

function run(folder: string, signal: AbortSignal, said: (text: string) => void = () => undefined): Promise<number> {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  stream.on('data', (chunk: Buffer) => said(chunk.toString()));
  const io: Io = { env: { HOME: folder }, cwd: folder, stdout: stream, stderr: stream, signal };
  return collect.run(parseArguments(collect, ['redact', 'in.tar.gz', '--archive', 'out.tar.gz']), io);
}

redact('what it writes is redacted', async ({ folder }) => {
  assert.is(await run(folder, new AbortController().signal), 0);
  assert.equal((await readdir(folder)).sort(), ['in.tar.gz', 'out.tar.gz']);
  const store = await readArchive(join(folder, 'out.tar.gz'));
  const text = String(await store.read('a.txt'));
  await store.close();
  assert.match(text, /^password=/);
  assert.not.match(text, 'hunter2');
});

redact('links that lead out of the bundle and what is no file are named', async ({ folder }) => {
  const entries = pack();
  entries.entry({ name: 'in/a.txt' }, 'text');
  entries.entry({ name: 'in/inside', type: 'symlink', linkname: 'a.txt' });
  entries.entry({ name: 'in/passwd', type: 'symlink', linkname: '/etc/passwd' });
  entries.entry({ name: 'in/up', type: 'symlink', linkname: '../../up' });
  entries.entry({ name: 'in/pipe', type: 'fifo' });
  entries.entry({ name: 'in/folder', type: 'directory' });
  entries.finalize();
  await pipeline(entries as unknown as Readable, createGzip(), createWriteStream(join(folder, 'in.tar.gz')));
  let said = '';
  assert.is(await run(folder, new AbortController().signal, (text) => (said += text)), 0);
  const named = said.split('\n').filter((line) => line.startsWith('warning: '));
  assert.equal(named, [
    'warning: passwd was left out: a link to /etc/passwd, which is not in the bundle',
    'warning: up was left out: a link to ../../up, which is not in the bundle',
    'warning: pipe was left out: no file: fifo',
  ]);
  const store = await readArchive(join(folder, 'out.tar.gz'));
  assert.equal(store.list(), ['a.txt', 'inside']);
  await store.close();
});

redact('a link follows its target where a secret was in the name of that', async ({ folder }) => {
  const entries = pack();
  const secret = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';
  entries.entry({ name: `in/logs/${secret}.txt` }, 'text');
  entries.entry({ name: 'in/a-link', type: 'symlink', linkname: `logs/${secret}.txt` });
  entries.entry({ name: 'in/dangling', type: 'symlink', linkname: `logs/${secret}.md` });
  entries.finalize();
  await pipeline(entries as unknown as Readable, createGzip(), createWriteStream(join(folder, 'in.tar.gz')));
  let said = '';
  assert.is(await run(folder, new AbortController().signal, (text) => (said += text)), 0);
  assert.match(said, 'warning: dangling was left out: a link to ');
  assert.not.match(said, secret);
  const store = await readArchive(join(folder, 'out.tar.gz'));
  assert.is(String(await store.read('a-link')), 'text');
  assert.not.match(store.list().join(' '), secret);
  assert.not.match(store.targetOf('a-link') ?? '', secret);
  await store.close();
});

redact('an archive that is a link stays one', async ({ folder }) => {
  await mkdir(join(folder, 'kept'));
  await writeFile(join(folder, 'kept', 'old.tar.gz'), 'old');
  await symlink('kept/old.tar.gz', join(folder, 'out.tar.gz'));
  assert.is(await run(folder, new AbortController().signal), 0);
  assert.is(await readlink(join(folder, 'out.tar.gz')), 'kept/old.tar.gz');
  const store = await readArchive(join(folder, 'kept', 'old.tar.gz'));
  assert.equal(store.list(), ['a.txt', 'b.txt']);
  await store.close();
});

redact('a folder cannot be its archive, which is said at once', async ({ folder }) => {
  await mkdir(join(folder, 'out.tar.gz'));
  const failure = await run(folder, new AbortController().signal).catch((error: unknown) => error);
  assert.match((failure as Error).message, /out\.tar\.gz is there, and is no file$/);
  assert.equal((await readdir(folder)).sort(), ['in.tar.gz', 'out.tar.gz']);
});

redact('interrupted, it leaves nothing', async ({ folder }) => {
  let failure: unknown;
  await run(folder, AbortSignal.abort(new Error('interrupted'))).catch((error: unknown) => (failure = error));
  assert.is((failure as Error).message, 'interrupted');
  assert.equal(await readdir(folder), ['in.tar.gz']);
});

redact.run();
