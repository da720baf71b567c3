import { userInfo } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheHome, isBelow, stateHome } from '../../scripts/host/paths.ts';

const test = suite('paths');

test('follow the XDG variables', () => {
  assert.is(cacheHome({ XDG_CACHE_HOME: '/c', HOME: '/h' }), '/c/hoist');
  assert.is(stateHome({ XDG_STATE_HOME: '/s', HOME: '/h' }), '/s/hoist');
});

test('fall back to the home folder, also for a relative path and an empty one', () => {
  assert.is(cacheHome({ HOME: '/h' }), '/h/.cache/hoist');
  assert.is(cacheHome({ XDG_CACHE_HOME: 'relative', HOME: '/h' }), '/h/.cache/hoist');
  assert.is(stateHome({ XDG_STATE_HOME: '', HOME: '/h' }), '/h/.local/state/hoist');
  assert.is(stateHome({}), `${userInfo().homedir}/.local/state/hoist`);
});

test('what lies below a folder, by the names alone', () => {
  for (const path of ['/a/b', '/a/b/c', '/a/..b', '/a/x/../b']) assert.is(isBelow('/a', path), true, path);
  for (const path of ['/a', '/a/', '/ab', '/', '/b/a', '/a/..', '/a/../b']) assert.is(isBelow('/a', path), false, path);
});

test.run();
