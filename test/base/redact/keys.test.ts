// Values by the names they have: each way to write a key and its value, from the first byte of a text on, and what only
// looks like one; whole, and within a text that comes in parts.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KEY_RULES } from '../../../scripts/base/redact/keys.ts';
import { scanAll, Scanner, Vocabulary } from '../../../scripts/base/redact/scanner.ts';
import { matchAt, type Match } from '../../../scripts/base/redact/view.ts';

const keys = suite('base/redact/keys');

const NONE = new Vocabulary([]);

/** H stands for what is hidden. */
function masked(text: string, prose = false): string {
  let out = '';
  let from = 0;
  for (const { start, end } of scanAll(text, NONE, { prose })) {
    out += `${text.slice(from, start)}H`;
    from = end;
  }
  return out + text.slice(from);
}

/** More than the rules look ahead, and back. */
const LINES = 'INFO all is well\n'.repeat(400);

/** The same within a long text that comes in parts. */
function inParts(text: string): string {
  const scanner = new Scanner(
    () => NONE,
    () => 'H',
  );
  const whole = `${LINES}${text}\n${LINES}`;
  let out = '';
  for (let at = 0; at < whole.length; at += 1_000) out += scanner.push(whole.slice(at, at + 1_000));
  out += scanner.push('', true);
  assert.ok(out.startsWith(LINES) && out.endsWith(`\n${LINES}`), text);
  return out.slice(LINES.length, -LINES.length - 1);
}

function check(table: readonly (readonly [text: string, expected: string])[]): void {
  for (const [text, expected] of table) {
    assert.is(masked(text), expected, text);
    assert.is(inParts(text), expected, `in parts: ${text}`);
  }
}
const kept = (...texts: string[]): void => check(texts.map((text) => [text, text]));

keys('a key that begins a text, and a shell that only names its variable', () => {
  kept('$PWD:/src', '${PWD:/src}', 'a $PWD:/src', '"source":{"secret": "my-cert"}', 'PWD=/root', 'OLDPWD=12345');
  check([
    ['$PWD:-hunter2', '$PWD:H'],
    ['${PWD:=hunter2}', '${PWD:=H}'],
    ['xPWD:hunter2', 'xPWD:H'],
    ['pwd=12345', 'pwd=H'],
    ['PWD=123456', 'PWD=H'],
    ['"source":{"secrets": "hunter2"}', '"source":{"secrets": "H"}'],
    ['"sauce":{"secret": "hunter2"}', '"sauce":{"secret": "H"}'],
    ['sig=hunter2', 'sig=H'],
    ['xsig=hunter2', 'xsig=hunter2'],
    ['pass=hunter2', 'pass=H'],
    ['my-pass=hunter2', 'my-pass=H'],
    ['myPass=hunter2', 'myPass=H'],
    ['API key: x7k9m2p4q8', 'API key: H'],
    ['encryption key=hunter2', 'encryption key=H'],
    ['some key=hunter2', 'some key=hunter2'],
  ]);
});

keys('keys of env variables that describe a secret hold none', () => {
  kept('TOKEN_TTL=hunter2', 'TOKEN_FILE=hunter2', 'token_more=hunter2', 'TOKEN_MORE: hunter2');
  check([
    ['TOKEN_MORE=hunter2', 'TOKEN_MORE=H'],
    ['TOKEN_2=hunter2', 'TOKEN_2=H'],
    ['token_old=hunter2', 'token_old=H'],
  ]);
});

keys('pairs of a name and a value, in both orders, from the first byte on', () => {
  check([
    ['name: DB_PASSWORD\nvalue: abc def', 'name: DB_PASSWORD\nvalue: H'],
    ['"name":"DB_PASSWORD","value":"hunter2"', '"name":"DB_PASSWORD","value":"H"'],
    ['- name: TOKEN\n  value: >-\n    a b\n  x: 1', '- name: TOKEN\n  value: >-\n    H\n  x: 1'],
    ['value": "hunter2", "name": "DB_PASSWORD"', 'value": "H", "name": "DB_PASSWORD"'],
    ['{"value":"hunter2","key":"DB_PASSWORD"}', '{"value":"H","key":"DB_PASSWORD"}'],
    ['{\\"value\\":\\"hunter2\\",\\"name\\":\\"TOKEN\\"}', '{\\"value\\":\\"H\\",\\"name\\":\\"TOKEN\\"}'],
    ['"name": "DB_USERNAME", "value": "ann"', '"name": "DB_USERNAME", "value": "H"'],
    ['"name": "DATABASE_NAME", "value": "shop"', '"name": "DATABASE_NAME", "value": "H"'],
    ['"name": "OWNER_ACCOUNT", "value": "ann"', '"name": "OWNER_ACCOUNT", "value": "H"'],
  ]);
  assert.is(masked('name=TOKEN value=abc def'), 'name=TOKEN value=H def', 'no line ends before it');
  kept(
    '{"value": "true", "name": "DB_PASSWORD"}',
    '{"value": 7, "name": "DB_PASSWORD"}',
    '{"value": "hunter2", "x": 1, "name": "DB_PASSWORD"}',
    '{"values": "hunter2", "name": "DB_PASSWORD"}',
    '{"x": "hunter2", "name": "DB_PASSWORD"}',
    '{"value": "hunter2", "title": "DB_PASSWORD"}',
    '"name": "USER_COUNT", "value": "hunter2"',
    '"name": "DATABASE_POOL", "value": "hunter2"',
    '"name": "TOKEN_FILE", "value": "hunter2"',
    '"name": "DB_USER", "values": "ann"',
    'user: ann',
    'database=shop',
  );
  const far = (blanks: number): string => `{"value":"hunter2"${' '.repeat(blanks)},"name":"DB_PASSWORD"}`;
  assert.is(masked(far(1_900)), far(1_900).replace('hunter2', 'H'));
  assert.is(masked(far(2_100)), far(2_100), 'nobody writes it so');
});

keys('strings, lists and carriers', () => {
  check([
    ['tokens=[abc,def]', 'tokens=[H,H]'],
    ['x tokens=[ abc ]', 'x tokens=[ H ]'],
    ['x tokens=[ "abc", "def" ]', 'x tokens=[ "H", "H" ]'],
    ['tokens: ["abc"]', 'tokens: ["H"]'],
    ['"tokens": [ "abc", "def" ]', '"tokens": [ "H", "H" ]'],
    ['"password": {"value": "hunter2"}', '"password": {"value": "H"}'],
    ['"password": {"a": "b", "c": 1, "data": "hunter2"}', '"password": {"a": "b", "c": 1, "data": "H"}'],
    ['"password": 1234}', '"password": "H"}'.replaceAll('"H"', 'H')],
    ['"password" : -1.5e9 ', '"password" : H '],
    ['token => "hunter2"', 'token => "H"'],
    ['token := hunter2', 'token := H'],
    ['"token":\n  "hunter2"', '"token":\n  "H"'],
    ['<token>a b</token>', '<token>H</token>'],
    ['--token hunter2 x', '--token H x'],
    ['"--token", "hunter2"', '"--token", "H"'],
  ]);
  kept(
    'password={abc}',
    '"password": {"kind": "hunter2"}',
    '"password": 123}',
    '"token": 12345}',
    '"password": 1234x}',
    '"password": true}',
    'token> a b<',
    '<token x="a">hunter2</token>',
    'token hunter2 x',
    '--token -x hunter2',
    '  --token string  What it is',
    '  --token file',
    '--token int\nx',
  );
  check([
    ['--token strings_x7', '--token H'],
    ['--token string x', '--token H x'],
  ]);
});

keys('lines of YAML at each indentation', () => {
  check([
    ['password: a b # c', 'password: H # c'],
    [' password: a b', ' password: H'],
    ['- password: a b', '- password: H'],
    ['  - - password: a b', '  - - password: H'],
    ['x password: abc def', 'x password: H def'],
    ['-x password: abc def', '-x password: H def'],
    ['password:abc def', 'password:H def'],
    ['{password: a b, x: 1}', '{password: H, x: 1}'],
    ['{x: 1,  password: a b}', '{x: 1,  password: H}'],
    ['{x: 1, password:abc def}', '{x: 1, password:H def}'],
    ['password: >2-\n  a b\nx: 1', 'password: >2-\n  H\nx: 1'],
    ['password: | # note\n  a b\nx: 1', 'password: | # note\n  H\nx: 1'],
    ['password:\n\n  value: a b\n  x: 1', 'password:\n\n  value: H\n  x: 1'],
    ['password:\r\n  abc\r\nx: 1', 'password:\r\n  H\r\nx: 1'],
    ['tokens:\n- abc\n- def\nx: 1', 'tokens:\n- abc\n- def\nx: 1'],
    ['tokens:\n  - \'abc\'\n  - "d e"\nx: 1', 'tokens:\n  - \'H\'\n  - "H"\nx: 1'],
    ['Cookie: a=b; c=d\nx', 'Cookie: H\nx'],
    ['x Cookie: a=b; c=d\nx', 'x Cookie: H\nx'],
  ]);
  kept(
    'x password:\n  abc\nx: 1',
    'password:\nx: 1',
    'password:\n  a: b\n  c: d\nx: 1',
    'tokens:\n  - abc\n  - d: e\nx: 1',
    'password:\n  true\nx: 1',
  );
});

keys('connection strings and sentences', () => {
  check([
    ['x=1;Pwd=a b;y=2', 'x=1;Pwd=H;y=2'],
    ['x=1; Pwd=a b', 'x=1; Pwd=H b'],
    ['"Pwd=a b;"', '"Pwd=H;"'],
    ['x Pwd=abc def;', 'x Pwd=H def;'],
    ['x secret: x7k9m2p4q8', 'x secret: H'],
    ['x password: word', 'x password: H'],
    ['x secret=word', 'x secret=H'],
  ]);
  assert.is(masked('Pwd=a b;x=1'), 'Pwd=H;x=1');
  kept('x secret: word', 'x secrets: created');
  assert.is(masked('secret: word', true), 'secret: word');
  assert.is(masked('secret: word'), 'secret: H');
  assert.is(masked('password:\n  word', true), 'password:\n  word');
  assert.is(masked('{password: word two}', true), '{password: H two}');
});

keys('parts of URLs', () => {
  check([
    ['password%22%3A%22a%25b%22', 'password%22%3A%22H%22'],
    ['password%3Da%20b%26x', 'password%3DH%26x'],
    ['password%3Aa%20b%26x', 'password%3AH%26x'],
    ['password%3Aab%2Cx', 'password%3AH%2Cx'],
    ['password%3aab%7Dx', 'password%3aH%7Dx'],
    ['password%3Aab&x', 'password%3AH&x'],
    ['password%27%20%3A+%27ab%27', 'password%27%20%3A+%27H%27'],
  ]);
  kept('password%3A%26', 'password%22x');
});

keys(
  'a header of authorization that is longer than what is there is waited for, and without a value it is none',
  () => {
    const more = (text: string): unknown => {
      const scanner = new Scanner(
        () => NONE,
        () => 'H',
      );
      return scanner.push(text);
    };
    const long = `opensesame${'1a'.repeat(300)}`;
    assert.is(more(`Authorization: "Basic ${long}`), '');
    kept('authorization:', 'authorization: ]', 'authorization: [');
  },
);

keys('headers of authorization: which scheme it is stays', () => {
  check([
    ['Authorization: Negotiate opensesame', 'Authorization: Negotiate H'],
    ['Authorization: ApiKey opensesame', 'Authorization: ApiKey H'],
    ['Authorization: a1b2c3d4e5', 'Authorization: H'],
    ['Authorization:[Basic opensesame]', 'Authorization:[Basic H]'],
    ['"Authorization": "opensesame"', '"Authorization": "H"'],
    ['"authorization":["opensesame"]', '"authorization":["H"]'],
    ['Authorization: digest a="b", c="d"', 'Authorization: digest H'],
    ['"auth": "YW5uOmh1bnRlcjI="', '"auth": "H"'],
  ]);
  kept(
    'Authorization: required',
    '"auth": "opensesame"',
    'auth: YW5uOmh1bnRlcjI=',
    'auth: a1b2c3d4e5',
    'Authorization: Negotiate true'.replace('Negotiate ', ''),
    'xAuthorization: Negotiate opensesame',
  );
});

keys('the keys of Ceph, at their one length', () => {
  const key = `AQ${'aB3'.repeat(12)}==`;
  check([
    [`key = ${key}`, 'key = H'],
    [`"key":"${key}"`, '"key":"H"'],
    [`\\"key\\": \\"${key}\\"`, '\\"key\\": \\"H\\"'],
  ]);
  kept(`key = ${key.slice(0, -3)}==`, `key = AR${key.slice(2)}`);
});

/** What the rules say of the first place where one of them begins, in a text that goes on. */
function firstOf(text: string): Match {
  for (let at = 0; at < text.length; at++) {
    for (const rule of KEY_RULES) {
      if (!rule.starts.some((start) => matchAt(new RegExp(start, 'iy'), text, at))) continue;
      const match = rule.find({ text, final: false, prose: false, kind: '' }, at);
      if (match) return match;
    }
  }
  return undefined;
}

keys('a rule waits until all that may follow is in sight', () => {
  const table: [text: string, from: string, ahead: number][] = [
    ['xx password=hunter2 ', '=', 600],
    ['xx my-password=hunter2 ', '=', 600],
    ['xx authorization: Bearer abcd1234\n', 'auth', 400],
  ];
  for (const [text, from, ahead] of table) {
    const inSight = (length: number): string => text.padEnd(text.indexOf(from) + length, '.');
    assert.equal(firstOf(inSight(ahead - 1)), { more: 3 }, text);
    assert.ok('spans' in (firstOf(inSight(ahead)) ?? {}), text);
  }
});

keys.run();
