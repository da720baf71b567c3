// Label selectors: maps, expressions, and the text of kubectl.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesSelector, matchesText } from '../../../../scripts/support/analyzers/base/selector.ts';

const selector = suite('support/analyzers/base/selector');

const LABELS = { app: 'web', tier: 'front', n: '1' };

selector('maps and expressions must all hold', () => {
  const of = (key: string, operator: string, values?: string[]): boolean =>
    matchesSelector(LABELS, { expressions: [{ key, operator, values }] });
  assert.is(matchesSelector(LABELS, {}), true);
  assert.is(matchesSelector(LABELS, { labels: { app: 'web' } }), true);
  assert.is(matchesSelector(LABELS, { labels: { n: 1 } }), true);
  assert.is(matchesSelector(LABELS, { labels: { app: 'web', tier: 'back' } }), false);
  assert.is(of('app', 'In', ['db', 'web']), true);
  assert.is(of('app', 'In', ['db']), false);
  assert.is(of('x', 'In', ['db']), false);
  assert.is(of('app', 'In'), false);
  assert.is(of('app', 'NotIn', ['web']), false);
  assert.is(of('app', 'NotIn', ['db']), true);
  assert.is(of('x', 'NotIn', ['db']), true);
  assert.is(of('app', 'Exists'), true);
  assert.is(of('x', 'Exists'), false);
  assert.is(of('app', 'DoesNotExist'), false);
  assert.is(of('x', 'DoesNotExist'), true);
  assert.throws(() => of('app', 'Like'), /"Like" is none of In, NotIn, Exists, DoesNotExist/);
});

selector('the text of kubectl', () => {
  const table: [text: string, matches: boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app=db', false],
    ['app!=web', false],
    ['app!=db', true],
    ['x!=db', true],
    ['x=', false],
    ['app=web,tier=front', true],
    ['app=web,tier=back', false],
    ['app', true],
    ['x', false],
    ['!app', false],
    ['!x', true],
    ['app in (web, db)', true],
    ['app in (db)', false],
    ['app notin (web)', false],
    ['app notin (db,x)', true],
    ['x notin (db)', true],
    ['app in (web,db),tier=back', false],
    ['app=web, ,tier', true],
  ];
  for (const [text, matches] of table) assert.is(matchesText(LABELS, text), matches, text);
});

selector.run();
