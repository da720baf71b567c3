// Decides whether a request is worth repeating, and after how long.

import { KubeConnectionError } from './errors.ts';

// client-go follows Retry-After ten times; five keep a refused run below a minute in the usual case of 1 s each.
const maxAnswers = 5;
const maxWaitMs = 60_000;
const backoffStartMs = 50;
const backoffEndMs = 5_000;

interface RetryAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * ms until a request is repeated whose answer asks for it; undefined where the answer is to be handed on.
 * @param tried attempts so far, at least 1
 */
export function afterAnswerMs(
  { status, headers }: RetryAnswer,
  tried: number,
  random: () => number,
): number | undefined {
  // Without the header a 429 is a refusal (an eviction that a disruption budget forbids), not a load signal.
  const after = headers['retry-after'];
  if ((status !== 429 && status < 500) || typeof after !== 'string' || tried >= maxAnswers) return undefined;
  const seconds = Number(after);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now();
  if (!(waitMs <= maxWaitMs)) return undefined;
  // Jitter keeps the requests that were refused together from coming back together.
  return Math.max(0, waitMs) + random() * 250;
}

interface Repeatable {
  method?: string;
  contentType?: string | undefined;
  attempts?: number | undefined;
}

/** ms until a request is repeated whose connection failed; undefined where the error is to be thrown. */
export function afterBreakMs(
  error: unknown,
  request: Repeatable,
  tried: number,
  random: () => number,
): number | undefined {
  if (!(error instanceof KubeConnectionError)) return undefined;
  // The server, or the end of a session, has said that nothing was done: that is part of HTTP/2's normal life.
  if (error.code === 'REFUSED_STREAM' && tried < 4) return random() * backoffStartMs;
  if (error.code === 'STALE' && tried < 4 && isIdempotent(request)) return 0;
  if (tried >= (request.attempts ?? 1)) return undefined;
  if (!error.unsent && !isIdempotent(request)) return undefined;
  return random() * Math.min(backoffEndMs, backoffStartMs * 2 ** (tried - 1));
}

function isIdempotent({ method = 'GET', contentType = '' }: Repeatable): boolean {
  if (method === 'PATCH') return !contentType.startsWith('application/json-patch');
  return method !== 'POST';
}
