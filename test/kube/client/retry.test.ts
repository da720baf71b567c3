// When a request is repeated, and after how long.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { afterAnswerMs, afterBreakMs } from '../../../scripts/kube/client/retry.ts';

const retry = suite('kube: retry');
const least = (): number => 0;
const most = (): number => 1;

function afterAnswer(status: number, after: string | undefined, tried = 1): number | undefined {
  return afterAnswerMs({ status, headers: { 'retry-after': after } }, tried, least);
}

retry('follows Retry-After of 429 and 5xx only', () => {
  assert.is(afterAnswer(429, '2'), 2000);
  assert.is(afterAnswer(503, '0'), 0);
  assert.is(afterAnswer(500, '1'), 1000);
  assert.is(afterAnswer(429, undefined), undefined);
  assert.is(afterAnswer(500, undefined), undefined);
  assert.is(afterAnswer(200, '1'), undefined);
  assert.is(afterAnswer(403, '1'), undefined);
});

retry('understands a date, and gives up on the unreadable and the very long', () => {
  assert.is(afterAnswer(503, new Date(0).toUTCString()), 0);
  assert.is(afterAnswer(429, 'soon'), undefined);
  assert.is(afterAnswer(429, '3600'), undefined);
});

retry('stops after five attempts', () => {
  assert.is(afterAnswer(429, '1', 4), 1000);
  assert.is(afterAnswer(429, '1', 5), undefined);
});

retry('spreads requests that were refused together', () => {
  const wait = afterAnswerMs({ status: 429, headers: { 'retry-after': '1' } }, 1, () => 0.5) ?? 0;
  assert.ok(wait > 1000 && wait < 1500, String(wait));
});

const unsent = new KubeConnectionError('x', 'ECONNREFUSED', { unsent: true });
const cut = new KubeConnectionError('x', 'CUT');
const refused = new KubeConnectionError('x', 'REFUSED_STREAM', { unsent: true });
const stale = new KubeConnectionError('x', 'STALE');

retry('repeats a broken connection only where asked to', () => {
  assert.is(afterBreakMs(cut, {}, 1, least), undefined);
  assert.is(afterBreakMs(cut, { attempts: 2 }, 1, least), 0);
  assert.is(afterBreakMs(cut, { attempts: 2 }, 2, least), undefined);
  assert.is(afterBreakMs(new KubeApiError('x', { status: 500 }), { attempts: 9 }, 1, least), undefined);
  assert.is(afterBreakMs(new Error('x'), { attempts: 9 }, 1, least), undefined);
});

retry('repeats what may have been acted on only where that is harmless', () => {
  const post = { method: 'POST', attempts: 3 };
  const jsonPatch = { method: 'PATCH', contentType: 'application/json-patch+json', attempts: 3 };
  const applied = { method: 'PATCH', contentType: 'application/apply-patch+yaml', attempts: 3 };
  assert.is(afterBreakMs(cut, post, 1, least), undefined);
  assert.is(afterBreakMs(cut, jsonPatch, 1, least), undefined);
  assert.is(afterBreakMs(cut, applied, 1, least), 0);
  assert.is(afterBreakMs(cut, { method: 'DELETE', attempts: 3 }, 1, least), 0);
  assert.is(afterBreakMs(unsent, post, 1, least), 0);
});

retry('repeats unasked what the protocol says was not taken, three times', () => {
  assert.is(afterBreakMs(refused, { method: 'POST' }, 3, least), 0);
  assert.is(afterBreakMs(refused, { method: 'POST' }, 4, least), undefined);
  assert.is(afterBreakMs(stale, {}, 3, most), 0);
  assert.is(afterBreakMs(stale, {}, 4, most), undefined);
  assert.is(afterBreakMs(stale, { method: 'POST' }, 1, most), undefined);
});

retry('waits twice as long each time, up to five seconds', () => {
  const waits = [1, 2, 3, 9].map((tried) => afterBreakMs(unsent, { attempts: 10 }, tried, most));
  assert.equal(waits, [50, 100, 200, 5000]);
});

retry.run();
