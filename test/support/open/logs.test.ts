// Logs out of a bundle: the whole, the end, since a time; of the folders of old and new bundles.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { text } from 'node:stream/consumers';
import { FileStore } from '../../../scripts/support/bundle/store.ts';
import { BundleLogs, type LogQuery } from '../../../scripts/support/open/logs.ts';

const logs = suite('support/open: logs');

const LINES = Array.from({ length: 5 }, (_, i) => `2026-01-02T03:04:0${i}.5Z line ${i}\n`);

async function read(query: Partial<LogQuery>): Promise<string | undefined> {
  const store = new FileStore();
  await store.put('cluster-resources/pods/logs/web/a/c.log', Buffer.from(LINES.join('')));
  await store.put('cluster-resources/pods/logs/web/a/c-previous.log', Buffer.from('before\n'));
  await store.put('app-logs/b/c.log', Buffer.from('old layout\n'));
  const whole = { namespace: 'web', pod: 'a', container: 'c', previous: false };
  const found = await new BundleLogs(store).read({ ...whole, ...query });
  const content = found && (await text(found));
  await store.close();
  return content;
}

logs('whole, and that of the run before', async () => {
  assert.is(await read({}), LINES.join(''));
  assert.is(await read({ previous: true }), 'before\n');
});

logs('the newest lines', async () => {
  assert.is(await read({ tailLines: 2 }), LINES.slice(3).join(''));
  assert.is(await read({ tailLines: 0 }), '');
  assert.is(await read({ tailLines: 99 }), LINES.join(''));
});

logs('since a time, where lines have one', async () => {
  const sinceMs = Date.parse('2026-01-02T03:04:03Z');
  assert.is(await read({ sinceMs }), LINES.slice(3).join(''));
  assert.is(await read({ sinceMs: sinceMs + 500 }), LINES.slice(3).join(''), 'of that very moment');
  assert.is(await read({ sinceMs, tailLines: 1 }), LINES[4]);
  assert.is(await read({ sinceMs, previous: true }), 'before\n');
});

logs('a limit of bytes', async () => {
  assert.is(await read({ limitBytes: 10 }), LINES.join('').slice(0, 10));
});

logs('of bundles whose logs are in the folders of their collectors', async () => {
  assert.is(await read({ pod: 'b' }), 'old layout\n');
});

logs('what is not in the bundle is not made up', async () => {
  assert.is(await read({ container: 'x' }), undefined);
  assert.is(await read({ pod: '../../a' }), undefined);
});

logs.run();
