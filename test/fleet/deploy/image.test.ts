// References of images that kubelets take, and what is said of those that they do not.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imageProblem } from '../../../scripts/fleet/deploy/image.ts';

const test = suite('fleet/deploy/image');

const SHA = `sha256:${'0a'.repeat(32)}`;

for (const good of [
  'hoist-sync',
  'hoist-sync:e2e',
  'REGISTRY/hoist-sync',
  'registry.example.com:5000/team/hoist_sync:v1.2-rc.1',
  'localhost/a',
  'localhost:5000/a/b/c__d:_',
  '[::1]:5000/a',
  'a.b/c',
  'a/b.c',
  `x@${SHA}`,
  `x:1@${SHA}`,
  `a@sha512:${'0a'.repeat(64)}`,
  `a:${'t'.repeat(128)}`,
]) {
  test(`${good.slice(0, 60)} can be an image`, () => assert.is(imageProblem(good), undefined));
}

for (const [bad, why] of [
  ['', 'is empty'],
  [' ', 'blank'],
  ['a b', 'blank'],
  ['a\nb: c', 'blank or control'],
  ['a\u001b[31m', 'control'],
  ['a\u200bb', 'control'],
  ['https://x.example/a', 'scheme'],
  ['docker://a', 'scheme'],
  ['a:', 'the tag ""'],
  ['a:-x', 'the tag "-x"'],
  ['a:b:c', 'the tag "b:c"'],
  [`a:${'t'.repeat(129)}`, 'the tag'],
  ['a@', 'the digest ""'],
  ['a@sha256:00', 'the digest "sha256:00"'],
  [`a@md5:${'0'.repeat(32)}`, 'the digest'],
  [`a@${SHA}@${SHA}`, 'more than one'],
  ['Hoist', 'the part "Hoist"'],
  ['a//b', 'empty part'],
  ['/a', 'empty part'],
  ['a/', 'empty part'],
  [':tag', 'empty part'],
  ['../a', 'the registry ".."'],
  ['a/../b', 'the part ".."'],
  ['-a', 'the part "-a"'],
  ['a---', 'the part "a---"'],
  ['a..b', 'the part "a..b"'],
  ['x.example:port/a', 'the registry "x.example:port"'],
  ['-x.example/a', 'the registry'],
  ['$(IMAGE)', 'the part'],
  ['a'.repeat(256), '256 characters'],
] as const) {
  test(`${JSON.stringify(bad.slice(0, 40))} cannot be one`, () => assert.match(imageProblem(bad) ?? 'good', why));
}

test.run();
