// What is kept of a log that breaks off, in whatever parts it comes.

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepPartial } from '../../../../scripts/support/collectors/cluster/partial-log.ts';

const test = suite('support/collectors/cluster/partial-log');

/** The bytes in parts of that length, and then the failure, where there is one. */
function source(text: string, step: number, failure?: Error): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < text.length; at += step) yield Buffer.from(text.slice(at, at + step));
      if (failure) throw failure;
    })(),
  );
}

async function kept(text: string, step: number, failure?: Error): Promise<{ text: string; cut: unknown }> {
  let cut: unknown;
  const bytes = await buffer(keepPartial(source(text, step, failure), (reason) => (cut = reason)));
  return { text: bytes.toString(), cut };
}

test('a whole log stays what it is', async () => {
  for (const text of ['', 'a', 'a\n', 'a\nb', `${'x'.repeat(700_000)}\nb`, 'x'.repeat(700_000)])
    for (const step of [1 + Math.floor(text.length / 500), 1_000_000])
      assert.equal(await kept(text, step), { text, cut: undefined }, `${text.length} by ${step}`);
});

test('one that breaks off keeps its whole lines, and says why', async () => {
  const failure = new Error('broken');
  for (const step of [1, 3, 100])
    assert.equal(await kept('one\ntwo\npassword=hun', step, failure), { text: 'one\ntwo\n', cut: failure });
});

test('of a line without an end the last bytes are not kept', async () => {
  const { text } = await kept('x'.repeat(1_000_000), 1_000, new Error('broken'));
  assert.ok(text.length > 600_000 && text.length <= 1_000_000 - (64 << 10), String(text.length));
});

test('one that breaks off before its first line has failed', async () => {
  const failure = await kept('password=hun', 1, new Error('broken')).catch((error: unknown) => error);
  assert.is((failure as Error).message, 'broken');
});

test.run();
