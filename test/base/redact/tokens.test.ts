// Secrets that show by their own form: each form at its least length, what only looks like one, and what a stream has to wait for.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isUserAndPassword, TOKEN_RULES } from '../../../scripts/base/redact/tokens.ts';
import type { Match } from '../../../scripts/base/redact/view.ts';

const tokens = suite('base/redact/tokens');

/** What the rules whose `starts` stand somewhere in the text say, as the scanner asks them. */
function matches(text: string, final = true): { rule: string; match: NonNullable<Match> }[] {
  const found: { rule: string; match: NonNullable<Match> }[] = [];
  for (let at = 0; at < text.length; at++) {
    for (const rule of TOKEN_RULES) {
      if (!rule.starts.some((start) => text.slice(at, at + 3).toLowerCase() === start.toLowerCase())) continue;
      const match = rule.find({ text, final, prose: false, kind: '' }, at);
      if (match) found.push({ rule: rule.name, match });
    }
  }
  return found;
}

/** The texts that are hidden. */
function hidden(text: string): string[] {
  return matches(text).flatMap(({ match }) =>
    'spans' in match ? match.spans.map(({ start, end }) => text.slice(start, end)) : [],
  );
}

const more = (text: string): number[] =>
  matches(text, false).flatMap(({ match }) => ('more' in match ? [match.more] : []));

const x = (length: number): string => 'a1'.repeat(length).slice(0, length);
const X = (length: number): string => x(length).toUpperCase();

tokens('each form at its least length, and one less', () => {
  const table: [prefix: string, rest: (length: number) => string, least: number][] = [
    ['AKIA', X, 16],
    ['ASIA', X, 16],
    ['ghp_', x, 30],
    ['ghs_', x, 30],
    ['github_pat_', x, 22],
    ['glpat-', x, 20],
    ['gldt-', x, 20],
    ['glrt-', x, 20],
    ['glcbt-', x, 20],
    ['xoxb-', x, 10],
    ['xapp-', x, 10],
    ['AIza', x, 35],
    ['ya29.', x, 20],
    ['npm_', x, 36],
    ['pypi-', x, 50],
    ['sk_live_', x, 16],
    ['rk_test_', x, 16],
    ['sk-', x, 32],
    ['dckr_pat_', x, 20],
    ['hvs.', x, 20],
    ['hvb.', x, 20],
    ['dop_v1_', x, 64],
  ];
  for (const [prefix, rest, least] of table) {
    const token = prefix + rest(least);
    assert.equal(hidden(`it is ${token} now`), [token], prefix);
    assert.equal(hidden(`it is ${prefix}${rest(least - 1)} now`), [], `${prefix}, one less`);
    assert.equal(more(`it is ${token}`), [6], `${prefix} at the end of what came`);
  }
  assert.equal(hidden(`SG.${x(16)}.${x(16)}`), [`SG.${x(16)}.${x(16)}`]);
  assert.equal(hidden(`SG.${x(15)}.${x(16)}`), []);
  assert.equal(hidden(`K10${'a1'.repeat(32)}::server:abc x`), [`K10${'a1'.repeat(32)}::server:abc`]);
  assert.equal(hidden(`K10${'a1'.repeat(31)}::server:abc x`), []);
  assert.equal(hidden('eyJhbGciOiJ.ab x'), ['eyJhbGciOiJ.ab']);
  assert.equal(hidden('eyJhbGciOi.ab x'), []);
  assert.equal(hidden('xeyJhbGciOiJ.ab x'), []);
  assert.equal(hidden(`xAKIA${X(16)}`), [], 'part of a longer word');
  assert.equal(hidden(`AKIA${X(17)}`), [], 'longer than a key');
});

tokens('the lines of a key without its beginning, from the first byte of the text on', () => {
  const line = 'MIIEabcd'.repeat(5);
  const end = '-----END RSA PRIVATE KEY-----';
  assert.equal(hidden(`${line}\n${line}\n${end}`), [line, line, end]);
  assert.equal(hidden(`"${line}\\n${line}\\n${end}"`), [line, line, end]);
  assert.equal(hidden(`${line.slice(1)}\n${line}\n${end}`), [line, end], 'a shorter one is not of it');
});

tokens('private keys, up to their end or to what cannot be of them', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\n-----END RSA PRIVATE KEY-----';
  const end = '-----END RSA PRIVATE KEY-----';
  // By itself the end is a rule of its own, for what has lost its beginning.
  assert.equal(hidden(`a ${key} b`), [key, 'MIIE+/=', end]);
  assert.equal(hidden(`a "\n${end} b`), []);
  assert.equal(hidden(key.replace('-----BEGIN', 'BEGIN')), ['MIIE+/=', end]);
  assert.equal(hidden(`x----${key.slice(5)}`), ['MIIE+/=', end]);
  assert.equal(hidden('-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----'), []);
  assert.equal(hidden('-----BEGIN PGP PRIVATE KEY BLOCK-----\nxx\n-----END PGP PRIVATE KEY BLOCK-----'), [
    '-----BEGIN PGP PRIVATE KEY BLOCK-----\nxx\n-----END PGP PRIVATE KEY BLOCK-----',
    'xx',
    '-----END PGP PRIVATE KEY BLOCK-----',
  ]);
  assert.equal(hidden('-----BEGIN PRIVATE KEY-----\nMII\n"'), ['-----BEGIN PRIVATE KEY-----\nMII']);
  assert.equal(hidden('-----BEGIN PRIVATE KEY-----\\nMII\\n"'), ['-----BEGIN PRIVATE KEY-----\\nMII\\n']);
  assert.equal(
    matches('a -----BEGIN PRIVATE KEY-----\nMII\n', false).map(({ match }) => match),
    [{ more: 2, body: { kind: 'pem' } }],
  );
  assert.equal(more('a -----BEGIN PRIVATE KEY-----\nMII\n"'), []);
});

tokens('passwords in URLs', () => {
  const table: [text: string, parts: string[]][] = [
    ['http://ann:pw@host/x', ['ann', 'pw']],
    ['http://:pw@host', ['pw']],
    ['http://ann:@host', []],
    ['http://ann:p@w@host/x', ['ann', 'p@w']],
    ['http://ann:p/w@host', ['ann', 'p/w']],
    ['http://ann:pw@host/@x', ['ann', 'pw']],
    ['http://ann:pw@/@x', ['ann', 'pw']],
    ['http://host:8080/x@y', []],
    ['http://host:80', []],
    ['http://host:80,b@c', []],
    ['http://host:65536@x', ['host', '65536']],
    ['http://[::1]:80/a@b', []],
    ['http://host/a:b@c', []],
    ['http://host?a:b@c', []],
    ['http://ann@host/x', []],
    [`http://${x(16)}@host/x`, [x(16)]],
    [`http://${x(15)}@host/x`, []],
    [`http://host/${x(20)}@x`, []],
    ['http://ann:***@host', []],
    ['http://ann:***HIDDEN***@host', []],
    ['http://ann:pw@host,http', ['ann', 'pw']],
    ['http://host', []],
    ['http://@a:b@host', []],
    ['http://a@:b@host', []],
  ];
  for (const [text, parts] of table) assert.equal(hidden(`${text} .`), parts, text);
  const match = matches('http://ann:p%40w@host/x .')[0]?.match;
  assert.equal(match, {
    spans: [
      { start: 7, end: 10 },
      { start: 11, end: 16, value: 'p@w' },
    ],
    resume: 16,
  });
  assert.equal(hidden('http://ann:p%zz@host .'), ['ann', 'p%zz']);
  assert.equal(more('at http://ann:pw@host'), [7]);
  assert.equal(more(`at http://${'a'.repeat(2048)}`), [], 'no URL is longer');
});

tokens('connection strings of Go', () => {
  assert.equal(hidden('ann:pw@tcp(db:3306)/x'), ['ann', 'pw']);
  assert.equal(hidden('a:pw@tcp(db)/x'), ['a', 'pw']);
  assert.equal(more('ann:pw@tcp8(d'), [], 'seven characters are enough');
  assert.equal(hidden('dsn=ann:pw@unix(/s)/x'), ['ann', 'pw']);
  assert.equal(hidden('ann:pw@udp6(db)/x'), ['ann', 'pw']);
  assert.equal(hidden('ann@tcp(db)/x'), []);
  assert.equal(hidden(':pw@tcp(db)/x'), []);
  assert.equal(hidden('ann:pw@tcp/x'), []);
  assert.equal(more('ann:pw@tcp'), [6]);
  assert.equal(more('ann:pw@tcp8(db)'), []);
});

tokens('bearers, basic authentication, curl', () => {
  assert.equal(hidden(`Bearer ${x(8)} z`), [x(8)]);
  assert.equal(hidden(`bearer%20${x(8)} z`), [x(8)]);
  assert.equal(hidden(`bearer+${x(8)} z`), [x(8)]);
  assert.equal(hidden(`bearer ${x(7)} z`), []);
  assert.equal(hidden('bearer authentication z'), []);
  assert.equal(more('bearer '), [0]);
  assert.equal(more(`bearer ${x(8)}`), [0]);
  assert.equal(more(`bearer  ${' '.repeat(20)}`), []);
  const pair = Buffer.from('ann:pw').toString('base64');
  assert.equal(hidden(`Basic ${pair} z`), [pair]);
  assert.equal(hidden(`Basic ${Buffer.from('nobody').toString('base64')} z`), []);
  assert.equal(more('basic '), [0]);
  assert.equal([more('basic'.padEnd(23)), more('basic'.padEnd(24))], [[0], []]);
  assert.equal(more(`basic ${pair}`), [0]);
  assert.equal(more(`basic  ${' '.repeat(20)}`), []);
  assert.equal(hidden('curl -u ann:pw https'), ['pw']);
  assert.equal(hidden('curl --user ann:pw https'), ['pw']);
  assert.equal(hidden('curl --user=ann:pw https'), ['pw']);
  assert.equal(hidden('curl -u ann https'), []);
  assert.equal(hidden('date -u +%Y:%M'), []);
  assert.equal(more('curl -u an'), [5]);
  assert.equal(more('curl -u ann:pw'), [5]);
  assert.equal(more(`curl -u ${' '.repeat(300)}`), []);
});

tokens('base64 of user:password', () => {
  const of = (text: string): boolean => isUserAndPassword(Buffer.from(text, 'latin1').toString('base64'));
  assert.is(of('a:b'), true);
  assert.is(of('a:'), false);
  assert.is(of('abc'), false);
  assert.is(of('a:\u0001'), false);
  assert.is(of('a:\u007f'), false);
  assert.is(of('a:~'), true);
  assert.is(of('a: '), true);
  assert.is(of('a:\u00e9'), true);
  assert.is(of('a:\u0080'), true);
});

tokens.run();
