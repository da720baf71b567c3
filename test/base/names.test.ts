import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { basename, join } from 'node:path';
import { character } from '../characters.ts';
import { UsageError } from '../../scripts/base/errors.ts';
import { clusterName, isClusterName, isFileName } from '../../scripts/base/names.ts';

const names = suite('names');

names('a name that is accepted is a direct child of any folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: character, maxLength: 40 }), (text) => {
      if (!isClusterName(text)) return;
      assert.is(join('/a', text), `/a/${text}`);
      assert.is(basename(join('/a', text)), text);
      assert.not(text.startsWith('.'));
    }),
  );
  for (const good of ['dev', 'pr-42', 'a', '0', 'a'.repeat(32)]) assert.is(clusterName(good), good);
});

names('anything else is a usage error that shows it in one line, without what a terminal would obey', () => {
  for (const bad of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc',
    'A',
    'a_b',
    '-a',
    'a-',
    'a b',
    'a\nb',
    'a\u001b[2J',
    'a'.repeat(33),
  ]) {
    assert.throws(
      () => clusterName(bad),
      (error: unknown) => {
        assert.instance(error, UsageError);
        const { message, exitCode } = error as UsageError;
        assert.is(exitCode, 2);

        assert.not.match(message, /[\u0000-\u001f\u007f-\u009f]/);
        return true;
      },
      bad,
    );
  }
});

names('the message says what is wrong with it', () => {
  const said = (text: string): string => {
    try {
      return clusterName(text);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(said('a'.repeat(33)), /it must have at most 32 characters$/);
  assert.not.match(said('A'.repeat(32)), /at most/);
  assert.match(said('A'), /^"A" is no name of a cluster: it /);
});

names('an empty name points at the variable it came from', () => {
  assert.throws(
    () => clusterName(''),
    (error: unknown) =>
      error instanceof UsageError && error.message.includes('empty') && (error.hint ?? '').includes('variable'),
  );
});

names('a name of a file has no separator, no blank, and is no folder of its own', () => {
  for (const good of ['web-1.2.3.tgz', 'a', '_helpers.tpl', 'v1.2.3+build', '..a', 'k3d-dev-server-0'])
    assert.ok(isFileName(good), good);
  for (const bad of ['', '.', '..', 'a/b', '/a', 'a\\b', 'a b', 'a\0', 'a\n', 'ä', 'a:b', 'x'.repeat(201)])
    assert.not.ok(isFileName(bad), bad);
});

names.run();
