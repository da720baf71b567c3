// The token file of the page: what is too little, or no file, is refused with the flag's name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../../scripts/base/errors.ts';
import { viewersToken } from '../../../../scripts/cli/commands/sync/viewers-token.ts';
import { thrown } from '../../../kube/helpers.ts';

const test = suite<{ folder: string }>('cli/sync: token of viewers');

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-token-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test('16 characters are enough, without the space around them', async ({ folder }) => {
  writeFileSync(join(folder, 'token'), ' 0123456789abcdef\n');
  assert.is(await viewersToken('token', folder), '0123456789abcdef');
});

for (const [what, content, message] of [
  ['an empty file', '', /^--token-file token holds 0 characters: a token has at least 16$/],
  ['a token that can be guessed', '0123456789abcde\n', /holds 15 characters/],
  ['a file that is no token', 'x'.repeat(20_000), /^--token-file token cannot be read: /],
  ['no file', undefined, /^--token-file token cannot be read: .*no such file/],
] as const) {
  test(`${what} is refused`, async ({ folder }) => {
    if (content !== undefined) writeFileSync(join(folder, 'token'), content);
    const error = await thrown(UsageError, viewersToken('token', folder));
    assert.match(error.message, message);
    assert.not.match(error.message, /xxx|0123/);
  });
}

test.run();
