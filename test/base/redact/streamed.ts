// What a redactor's stream makes of parts that come one after another.

import { once } from 'node:events';
import type { Redactor } from '../../../scripts/base/redact/redactor.ts';

export async function streamed(redactor: Redactor, parts: readonly Buffer[], path = 'a.log'): Promise<Buffer> {
  const stream = redactor.stream(path);
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  const ended = once(stream, 'end');
  for (const part of parts) stream.write(part);
  stream.end();
  await ended;
  return Buffer.concat(out);
}
