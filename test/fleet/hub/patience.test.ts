// How long a hub that cannot be read is asked again.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError } from '../../../scripts/base/errors.ts';
import type { UnreadableHub } from '../../../scripts/fleet/hub/patience.ts';
import { mayPass, Patience, unreadable } from '../../../scripts/fleet/hub/patience.ts';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { instantClock } from '../scripted.ts';

const test = suite('fleet/hub/patience');

test('it is over after so many failures, or after a minute without a whole answer', async () => {
  const soon = new Patience(instantClock(), 3);
  assert.equal([soon.failed(), soon.failed(), soon.failed()], [undefined, undefined, 'tried 3 times']);
  assert.is(soon.failures, 3);
  const clock = instantClock();
  const slow = new Patience(clock, 8);
  const { signal } = new AbortController();
  await clock.sleep(30_000, signal);
  assert.is(slow.failed(), undefined);
  await clock.sleep(30_400, signal);
  assert.is(slow.failed(), 'no whole answer within 60 s');
});

test('what a server or the line says is the error of the run, with its hint and the code of a failed fleet', () => {
  const refused = new KubeApiError('GET /x: no', { status: 500 }, { hint: 'look' });
  const error = unreadable(refused, ' (tried 5 times)') as UnreadableHub;
  assert.equal(
    [error.message, error.hint, error.exitCode],
    ['the hub cannot be read: GET /x: no (tried 5 times)', 'look', 3],
  );
  assert.is(unreadable(error), error);
  assert.is((unreadable(new KubeConnectionError('silence', 'TIMEOUT')) as UnreadableHub).exitCode, 3);
  const other = new HoistError('x');
  assert.is(unreadable(other), other);
});

for (const [what, error, passes] of [
  ['a broken server', new KubeApiError('x', { status: 500 }), true],
  ['one that asks for less', new KubeApiError('x', { status: 429 }), true],
  ['a refusal', new KubeApiError('x', { status: 403 }), false],
  ['silence', new KubeConnectionError('x', 'TIMEOUT'), true],
  ['a page of a proxy', new KubeConnectionError('x', 'NOT_KUBERNETES'), false],
  ['a list without an end', new KubeConnectionError('x', 'ENDLESS_LIST'), false],
  ['a fault of our own', new TypeError('x'), false],
] as const) {
  test(`${what} is ${passes ? '' : 'not '}asked again`, () => assert.is(mayPass(error), passes));
}

test.run();
