// Each verb of `collect` takes the flags that it reads, and names those that it does not.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../../../scripts/cli/arguments.ts';
import { checkFlags, verbOf } from '../../../../scripts/cli/commands/collect/flags.ts';
import { collect } from '../../../../scripts/cli/commands/collect/spec.ts';

const flags = suite('collect: flags of its verbs');

const given = (...argv: string[]): Parameters<typeof checkFlags>[1] => parseArguments(collect, argv).flags;

flags('what a verb reads is taken', () => {
  checkFlags('analyze', given('--fail-on', 'warn', '--set', 'a=b', '--output', 'json', '-n', 'web'));
  checkFlags('redact', given('--archive', 'a.tar.gz', '--tokenize', '--strict'));
  checkFlags('diff', given('--output=json', '-q'));
});

flags('what it does not read is an error, all of it at once', () => {
  assert.throws(
    () => checkFlags('diff', given('--concurrency', '3', '--tokenize', '--values', 'a.yaml')),
    (error: Error) =>
      ['--concurrency', '--tokenize', '--values'].every((flag) => error.message.includes(`does not take ${flag}`)),
  );
  assert.throws(() => checkFlags('redact', given('--fail-on', 'fail')), '`collect redact` does not take --fail-on');
});

flags('a file that is called like no verb is a spec', () => {
  assert.is(verbOf('analyze'), 'analyze');
  assert.is(verbOf('spec.yaml'), undefined);
  assert.is(verbOf('toString'), undefined);
  assert.is(verbOf(undefined), undefined);
});

flags.run();
