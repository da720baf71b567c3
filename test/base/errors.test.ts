// What errors of the system say within a message that names the file already.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../scripts/base/errors.ts';

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

test.run();
