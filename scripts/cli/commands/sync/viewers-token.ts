// What viewers of the page must know, from the file that --token-file names.

import { resolve } from 'node:path';
import { messageOf, UsageError } from '../../../base/errors.ts';
import { readTextBounded } from '../../../host/files/bounded.ts';

/** Characters: what is open to others must not be guessed. */
const TOKEN_MIN = 16;

/** @throws UsageError where the file cannot be read, or holds too little */
export async function viewersToken(tokenFile: string, cwd: string): Promise<string> {
  const file = `--token-file ${tokenFile}`;
  let token: string;
  try {
    token = (await readTextBounded(resolve(cwd, tokenFile), 10_000)).trim();
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (token.length < TOKEN_MIN) {
    throw new UsageError(`${file} holds ${token.length} characters: a token has at least ${TOKEN_MIN}`, {
      hint: `openssl rand -hex 32 > ${tokenFile}`,
    });
  }
  return token;
}
