// Lines of an --env-file as docker and docker compose read them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readEnvFile } from '../../scripts/settings/env-file.ts';

const file = suite('cli: env file');

file('values are whole', () => {
  const text = [
    '\uFEFFFIRST=1',
    '# comment',
    'PASSWORD=pa#ss',
    'COMMENTED=a b  # said',
    'export EXPORTED = yes\r',
    'EMPTY=',
    'DOLLAR=pa$$word',
    `SINGLE='a # "b" \\n'`,
    'DOUBLE="a\\nb \\"c\\" \\$d" # said',
    'PEM="-----BEGIN X-----',
    'abc',
    '-----END X-----',
    '"',
    'url=https://h/?a=b&c=d',
  ].join('\n');
  assert.equal(readEnvFile(text, 'x.env'), {
    values: {
      FIRST: '1',
      PASSWORD: 'pa#ss',
      COMMENTED: 'a b',
      EXPORTED: 'yes',
      EMPTY: '',
      DOLLAR: 'pa$$word',
      SINGLE: 'a # "b" \\n',
      DOUBLE: 'a\nb "c" $d',
      PEM: '-----BEGIN X-----\nabc\n-----END X-----\n',
      url: 'https://h/?a=b&c=d',
    },
    problems: [],
  });
});

file('each line that is none is named, and its text is not shown', () => {
  const { values, problems } = readEnvFile('hunter2\nA=1\nB="x\nC=2\n', 'x.env');
  assert.equal(values, { A: '1', C: '2' });
  assert.equal(problems, [
    { where: 'x.env:1', message: 'is no line like NAME=value' },
    { where: 'x.env:3', message: 'the value of B begins with " and has no end' },
  ]);
  const only = (text: string): string =>
    readEnvFile(text, 'x.env')
      .problems.map(({ where, message }) => `${where} ${message}`)
      .join();
  assert.is(only('A="x"y\n'), 'x.env:1 the value of A goes on after its closing "');
  assert.is(
    only("A='x\n'y\nB\n"),
    "x.env:1 the value of A goes on after its closing ',x.env:3 is no line like NAME=value",
  );
  assert.is(only('A="x" # said\nB="y"#said\nC=\'z\'\t\n'), '');
});

file.run();
