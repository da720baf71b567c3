// What helm says is handed on without the secrets that it was given, whatever form they have there.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExecError, type ExecOptions } from '../../../scripts/host/exec.ts';
import { HelmError, runHelm } from '../../../scripts/services/helm/helm.ts';
import { thrown } from '../../kube/helpers.ts';

const test = suite('services/helm/helm');

interface Says {
  stdout?: string;
  stderr?: string;
  fails?: 'exit' | 'missing' | 'timeout';
}

function helm({ stdout = '', stderr = '', fails }: Says, secrets: string[] = [], input?: string) {
  const warnings: string[] = [];
  const runs: ExecOptions[] = [];
  const signal = new AbortController();
  const done = runHelm(
    (options) => {
      runs.push(options);
      if (fails === undefined) return Promise.resolve({ exitCode: 0, stdout, stderr, durationMs: 1 });
      const details = { file: 'helm', exitCode: 1, stdout, stderr, reason: fails };
      return Promise.reject(new ExecError('helm could not do it s3cr3t', details, { hint: 'look' }));
    },
    {
      ...{ command: { file: 'helm', args: ['x'] }, env: { A: '1' }, secrets, signal: signal.signal },
      onWarning: (line) => warnings.push(line),
      ...(input === undefined ? {} : { input }),
    },
  );
  return { done, warnings, runs, signal };
}

test('stdout, and a warning for each line of stderr that says something', async () => {
  const { done, warnings, runs } = helm({ stdout: 'out', stderr: 'a\n\n  \nb\n' }, [], 'values');
  assert.is(await done, 'out');
  assert.equal(warnings, ['a', 'b']);
  assert.equal([runs[0]?.input, runs[0]?.env], ['values', { A: '1' }]);
  assert.is('input' in (helm({}).runs[0] ?? {}), false);
});

test('a secret is hidden as it is, in base64, as JSON has it, and line by line; short ones are words', async () => {
  const secrets = ['s3cr3t', 'quo"ted', 'first line\nother line', 'abc'];
  const encoded = Buffer.from('s3cr3t').toString('base64');
  const { done, warnings } = helm({ stderr: `a s3cr3t\nb ${encoded}\nc quo\\"ted\nd other line\ne abc` }, secrets);
  await done;
  assert.equal(warnings, ['a [redacted]', 'b [redacted]', 'c [redacted]', 'd [redacted]', 'e abc']);
});

test('of a secret that contains another one no rest stays, and four letters are long enough', async () => {
  const { done, warnings } = helm({ stderr: 'x longsecretend\ny abcd' }, ['secret', 'longsecretend', 'abcd']);
  await done;
  assert.equal(warnings, ['x [redacted]', 'y [redacted]']);
});

test('the error is what helm said last, not its warnings', async () => {
  const lines = Array.from({ length: 12 }, (_, at) => `line ${at}`).join('\n');
  const long = await thrown(HelmError, helm({ stderr: lines, fails: 'exit' }).done);
  assert.is(long.message, Array.from({ length: 10 }, (_, at) => `line ${at + 2}`).join('\n'));
  const { done } = helm({ stderr: 'WARNING: readable\nError: no s3cr3t\n', fails: 'exit' }, ['s3cr3t']);
  const error = await thrown(HelmError, done);
  assert.equal([error.message, error.hint], ['no [redacted]', 'look']);
});

test('where helm said nothing, or did not end by itself, the message is that of the process', async () => {
  for (const says of [
    { fails: 'exit' },
    { fails: 'missing', stderr: 'x' },
    { fails: 'timeout', stderr: 'x' },
    { fails: 'exit', stderr: 'WARNING: x' },
  ] as Says[])
    assert.is((await thrown(HelmError, helm(says, ['s3cr3t']).done)).message, 'helm could not do it [redacted]');
});

test('an end from outside is the reason', async () => {
  const { done, signal } = helm({ fails: 'exit' });
  const reason = new Error('enough');
  signal.abort(reason);
  assert.is(await done.catch((error: unknown) => error), reason);
});

test.run();
