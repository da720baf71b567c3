// The failure of an action: where it stands, through which calls, and with which code the run ends for it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InterruptedError } from '../../../scripts/base/errors.ts';
import { ActionError, isInterruption } from '../../../scripts/tasks/actions/action-errors.ts';
import { type Mark, Source } from '../../../scripts/tasks/file/source.ts';

const test = suite('tasks/actions/action-errors');

const source = new Source('tasks.yaml', 'one\ntwo\nthree\n');
const mark = (offset: number): Mark => ({ source, offset });
const failure = (options?: ConstructorParameters<typeof ActionError>[2]): ActionError =>
  new ActionError(
    'broke',
    {
      step: 's',
      at: mark(9),
      calls: [
        { task: 'default', at: mark(0) },
        { task: 'build', at: mark(4) },
      ],
      attempts: 1,
      lastLines: [],
    },
    options,
  );

test('the way to it: its own place, then the calls from the nearest one outwards', () => {
  assert.is(failure().path, 'tasks.yaml:3:2 ← build (tasks.yaml:2) ← default (tasks.yaml:1)');
});

test('the code of the command, or 1', () => {
  assert.equal([failure().exitCode, failure({ exitCode: 7 }).exitCode, failure({ exitCode: 0 }).exitCode], [1, 7, 0]);
  const cause = new Error('why');
  const { hint, cause: own } = failure({ hint: 'try this', cause });
  assert.equal([hint, own === cause], ['try this', true]);
});

test('what a user ends is no failure', () => {
  assert.equal([isInterruption(new InterruptedError('SIGINT')), isInterruption(failure())], [true, false]);
});

test.run();
