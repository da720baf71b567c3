// Reads the body of an answer, whole or by lines, and distinguishes an ended one from a broken one.

import { codeOf, KubeConnectionError } from './errors.ts';
import type { AbortScope } from './abort-scope.ts';
import type { Exchange } from './wire.ts';

/** Characters of an answer; a list of ten thousand large pods has less. */
const BODY_MAX = 256 * 2 ** 20;
/** Characters of a line; etcd takes no object of more than 1.5 MiB. */
const LINE_MAX = 64 * 2 ** 20;

export interface TextOptions {
  /** Called whenever some of it comes. */
  onBytes?: () => void;
  /** Characters at most. */
  max?: number | undefined;
}

/**
 * The whole body.
 * @throws KubeConnectionError where it breaks off; the scope's reason where it was aborted
 */
export function textOf(
  exchange: Exchange,
  held: AbortScope,
  server: string,
  { onBytes, max = BODY_MAX }: TextOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { body } = exchange;
    let text = '';
    let cause: unknown;
    let tooLong = false;
    body.setEncoding('utf8');
    body.on('data', (chunk: string) => {
      text += chunk;
      onBytes?.();
      if (text.length <= max || tooLong) return;
      tooLong = true;
      text = '';
      exchange.drop(
        new KubeConnectionError(`${server} answers with more than ${max / 2 ** 20} MiB at once`, 'TOO_LARGE'),
      );
    });
    body.on('error', (error) => {
      cause = error;
    });
    let whole = false;
    body.on('end', () => {
      whole = exchange.whole();
      if (whole && !tooLong) resolve(text);
    });
    body.on('close', () => {
      if (!whole || tooLong) reject(breakOf(held, server, cause));
    });
  });
}

/** Whoever stops reading before the end drops the exchange: the iterator by itself would destroy the body at once. */
const chunksOf = <T>(exchange: Exchange): AsyncIterableIterator<T> =>
  exchange.body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<T>;

/** The body as it comes; same errors as textOf. */
export async function* bytesOf(
  exchange: Exchange,
  held: AbortScope,
  server: string,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of chunksOf<Buffer>(exchange)) yield chunk;
  } catch (error) {
    throw breakOf(held, server, error);
  }
  if (!exchange.whole()) throw breakOf(held, server, undefined);
}

/** The body's lines without their ends, in batches as they come; same errors as textOf. */
export async function* linesOf(
  exchange: Exchange,
  held: AbortScope,
  server: string,
): AsyncGenerator<string[], void, undefined> {
  let rest = '';
  exchange.body.setEncoding('utf8');
  try {
    for await (const chunk of chunksOf<string>(exchange)) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_MAX)
        throw new KubeConnectionError(`${server} sends a line of more than ${LINE_MAX / 2 ** 20} MiB`, 'TOO_LARGE');
      yield lines;
    }
  } catch (error) {
    throw breakOf(held, server, error);
  }
  if (!exchange.whole()) throw breakOf(held, server, undefined);
  if (rest !== '') yield [rest];
}

function breakOf(held: AbortScope, server: string, cause: unknown): Error {
  if (held.reason !== undefined) return held.reason;
  if (cause instanceof KubeConnectionError) return cause;
  const code = codeOf(cause);
  return new KubeConnectionError(
    `the connection to ${server} broke in the middle of an answer`,
    code === 'UNKNOWN' ? 'CUT' : code,
    { cause },
  );
}
