// `collect redact` gives a whole archive or none.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
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

function run(folder: string, signal: AbortSignal): Promise<number> {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
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

redact('interrupted, it leaves nothing', async ({ folder }) => {
  let failure: unknown;
  await run(folder, AbortSignal.abort(new Error('interrupted'))).catch((error: unknown) => (failure = error));
  assert.is((failure as Error).message, 'interrupted');
  assert.equal(await readdir(folder), ['in.tar.gz']);
});

redact.run();
