// What errors of the system say within a message that names the file already.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ExitCode,
  HoistError,
  UsageError,
  exitCodeOf,
  isErrno,
  reasonOf,
  withoutUserinfo,
} from '../../scripts/base/errors.ts';

const test = suite('base/errors');

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  assert.unreachable('it threw nothing');
  return undefined;
}

test('of an error of the system the words alone are left', () => {
  assert.is(reasonOf(thrownBy(() => readFileSync('/none/such, a file'))), 'no such file or directory');
  assert.is(reasonOf(thrownBy(() => readFileSync('/'))), 'illegal operation on a directory');
});

test('every other message stays as it is', () => {
  assert.is(reasonOf(new Error('EVIL: it has 5 bytes, more than 4')), 'EVIL: it has 5 bytes, more than 4');
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  assert.is(reasonOf(refused), 'connect ECONNREFUSED 127.0.0.1:1');
  assert.is(reasonOf('text'), 'text');
});

test('whatever was thrown has an exit code, and the code of a system error is looked at only where it is one', () => {
  const table: [thrown: unknown, code: number][] = [
    [new UsageError('x'), ExitCode.usage],
    [Object.assign(new Error('x'), { exitCode: 7 }), 7],
    [Object.assign(new Error('x'), { exitCode: '7' }), ExitCode.other],
    [new Error('x'), ExitCode.other],
    [{ exitCode: 7 }, ExitCode.other],
    ['text', ExitCode.other],
    [undefined, ExitCode.other],
  ];
  for (const [thrown, code] of table) assert.is(exitCodeOf(thrown), code);
  const missing = Object.assign(new Error('x'), { code: 'ENOENT' });
  assert.equal(
    [isErrno(missing, 'ENOENT'), isErrno(missing, 'EACCES'), isErrno(new Error('ENOENT'), 'ENOENT')],
    [true, false, false],
  );
  assert.equal([isErrno({ code: 'ENOENT' }, 'ENOENT'), isErrno(undefined, 'ENOENT')], [false, false]);
  const half = Object.assign(new Error('ENOENT: no such file, open x'), { code: 'ENOENT' });
  assert.is(reasonOf(half), half.message, 'without the name of a call it is no error of the system');
  assert.is(reasonOf(Object.assign(half, { syscall: 'open' })), 'no such file');
});

test('exit codes, one meaning each: programs that call hoist rely on them', () => {
  assert.equal(ExitCode, {
    ok: 0,
    other: 1,
    usage: 2,
    unhealthy: 3,
    warnings: 4,
    creation: 5,
    services: 6,
    regression: 7,
    timeout: 124,
    sighup: 129,
    sigint: 130,
    sigquit: 131,
    sigterm: 143,
  });
  assert.is(exitCodeOf(new UsageError('x')), 2);
  assert.is(exitCodeOf(new HoistError('x')), 1);
  assert.is(exitCodeOf(new Error('x')), 1);
});

test('neither message nor hint has the credentials of an address', () => {
  assert.is(withoutUserinfo('get https://ann:pw@host/x and http://b@c/'), 'get https://host/x and http://c/');
  const error = new HoistError('https://ann:pw@host failed', { hint: 'try https://ann:pw@other' });
  assert.equal([error.message, error.hint], ['https://host failed', 'try https://other']);
  assert.is(new HoistError('x').hint, undefined);
  assert.not.ok('cause' in new HoistError('x'));
  assert.is(new HoistError('x', { cause: 1 }).cause, 1);
});

test.run();
