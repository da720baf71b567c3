// Paths that a cluster or an archive chose: where they end up, and that none leads out of the bundle.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { numbered, relativeTarget, resolveTarget, safePath } from '../../../scripts/support/bundle/paths.ts';

const paths = suite('bundle paths');

paths('what leads elsewhere is dropped, what a terminal or a file system would take amiss replaced', () => {
  for (const [path, safe] of [
    ['a/b.json', 'a/b.json'],
    ['/etc/passwd', 'etc/passwd'],
    ['../../a/./b//c', 'a/b/c'],
    ['a\\b\u0007c', 'a_b_c'],
    ['', 'unnamed'],
    ['../..', 'unnamed'],
    ['a/\u202egnp.exe', 'a/_gnp.exe'],
    ['日'.repeat(100), '日'.repeat(66)],
    [`${'x'.repeat(200)}/${'y'.repeat(201)}`, `${'x'.repeat(200)}/${'y'.repeat(200)}`],
  ] as const) {
    assert.is(safePath(path), safe, path);
  }
});

paths('a path of many folders keeps the first ones and its name', () => {
  const safe = safePath(`${`${'d'.repeat(100)}/`.repeat(100)}name.json`);
  assert.match(safe, /^(d{100}\/){19}name\.json$/);
  assert.is(safePath(safe), safe);
});

paths('a number goes before the extension of the name, never into a folder or a hidden name', () => {
  for (const [path, second] of [
    ['a/b.json', 'a/b-2.json'],
    ['b.tar.gz', 'b.tar-2.gz'],
    ['a.d/b', 'a.d/b-2'],
    ['a/.hidden', 'a/.hidden-2'],
    ['.hidden', '.hidden-2'],
    ['a/b.', 'a/b-2.'],
    ['a/x.y', 'a/x-2.y'],
  ] as const) {
    assert.is(numbered(path, 2), second, path);
  }
});

paths('the target of a link, seen from its folder, leads back to the same file', () => {
  for (const [link, target, relative] of [
    ['a/link', 'a/file', 'file'],
    ['a/b/link', 'a/c/file', '../c/file'],
    ['link', 'logs/file', 'logs/file'],
    ['a/b/link', 'x', '../../x'],
    // A file that is named as the folder of the link.
    ['a/b/link', 'a/b', '../b'],
    ['a/b/c/link', 'a/x/c/file', '../../x/c/file'],
  ] as const) {
    assert.is(relativeTarget(link, target), relative, `${link} → ${target}`);
    assert.is(resolveTarget(link, relative), target, `${link} → ${relative}`);
  }
});

paths('a target with idle parts is the same, and one outside of the bundle is none', () => {
  assert.is(resolveTarget('a/link', './x//y/../z'), 'a/x/z');
  assert.is(resolveTarget('a/link', '../b'), 'b');
  assert.is(resolveTarget('a/link', '../../b'), undefined);
  assert.is(resolveTarget('a/link', '../../a/b'), undefined);
  assert.is(resolveTarget('link', '..'), undefined);
  assert.is(resolveTarget('a/link', '/etc/passwd'), undefined);
});

paths.run();
