import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { type DaemonWishes, mergeDaemonJson } from '../../../scripts/docker/daemon/daemon-json.ts';

const merge = suite('merging into daemon.json');

const OURS = 'http://127.0.0.1:5001';
const merged = (text: string | undefined, own: Partial<DaemonWishes> = {}) =>
  mergeDaemonJson(text, 'daemon.json', {
    ...{ mirror: OURS, formerMirror: undefined, downloads: 4, onCommandLine: [] },
    ...own,
  });
const parsed = (text: string): unknown => JSON.parse(text);

merge('a file that is not there, or empty, gets both keys', () => {
  for (const text of [undefined, ' \n', '{}']) {
    const { text: made, changes } = merged(text);
    assert.equal(parsed(made), { 'registry-mirrors': [OURS], 'max-concurrent-downloads': 4 });
    assert.is(changes.length, 2);
  }
});

merge('everything else stays, in its order and with its indentation; the user’s mirrors come first', () => {
  const mine = { 'log-driver': 'local', 'registry-mirrors': ['https://mine.example/'], dns: ['10.0.0.1'] };
  const { text } = merged(JSON.stringify(mine, null, '\t'));
  const want = { ...mine, 'registry-mirrors': ['https://mine.example/', OURS], 'max-concurrent-downloads': 4 };
  assert.is(text, `${JSON.stringify(want, null, '\t')}\n`);
});

merge('a second time nothing is left to do', () => {
  const once = merged('{ "debug": true }');
  assert.equal(merged(once.text).changes, []);
  // As Docker writes it.
  assert.equal(merged(once.text.replace(OURS, `${OURS}/`)).changes, []);
});

merge('more downloads than wished are left alone', () => {
  assert.match(merged('{"max-concurrent-downloads": 10}').text, /"max-concurrent-downloads": 10/);
});

merge('where the cache has moved, its former address goes, and only that', () => {
  const text = JSON.stringify({ 'registry-mirrors': ['http://127.0.0.1:4000', 'http://127.0.0.1:4001'] });
  const moved = merged(text, { formerMirror: 'http://127.0.0.1:4000/' });
  assert.equal((parsed(moved.text) as Record<string, unknown>)['registry-mirrors'], ['http://127.0.0.1:4001', OURS]);
  const gone = merged(text, { formerMirror: 'http://127.0.0.1:4000', mirror: undefined });
  assert.equal((parsed(gone.text) as Record<string, unknown>)['registry-mirrors'], ['http://127.0.0.1:4001']);
  assert.match(gone.left.join(), /no cache of docker\.io runs/);
});

merge('a key on the command line of dockerd is not put into the file', () => {
  const { text, changes, left } = merged('{}', { onCommandLine: ['registry-mirrors'] });
  assert.equal(parsed(text), { 'max-concurrent-downloads': 4 });
  assert.is(changes.length, 1);
  assert.match(left.join(), /registry-mirrors stands on the command line of dockerd/);
});

merge('what is no JSON object, or holds what Docker refuses, is refused', () => {
  const bad = ['{ "debug": true, }', '[]', '"x"', 'null', '\uFEFF{}'];
  bad.push('{"registry-mirrors": "http://x"}', '{"registry-mirrors": [1]}', '{"max-concurrent-downloads": "4"}');
  for (const text of bad) {
    assert.throws(
      () => merged(text),
      (error: unknown) => error instanceof ConfigError && error.message.startsWith('daemon.json: '),
      text,
    );
  }
});

merge.run();
