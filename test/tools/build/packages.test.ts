// How far a build is: by the sizes of what it has compiled, with linking still to come.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BuildProgress, readPackages } from '../../../scripts/tools/build/packages.ts';

const test = suite('tools/build/packages');

test('a package weighs its files, and something by itself; what cannot be read weighs nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-packages-'));
  try {
    writeFileSync(join(folder, 'a.go'), 'x'.repeat(10));
    writeFileSync(join(folder, 'b.go'), 'x'.repeat(5));
    const listing = `one\t${folder}\ta.go,b.go\nno tab\ntwo\t${folder}\tmissing.go\nthree\t${folder}\t\n`;
    const [one = 0, two = 0] = [...(await readPackages(listing)).values()];
    assert.equal([...(await readPackages(listing)).keys()], ['one', 'two', 'three']);
    assert.is(one - two, 15);
    assert.ok(two > 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('packages count once, in the order in which their turn comes', () => {
  const build = new BuildProgress(
    new Map([
      ['a', 1000],
      ['b', 3000],
    ]),
    2,
    5_000,
  );
  const shown = (progress: { done: number; total?: number | undefined } | undefined): unknown =>
    progress && [progress.done, progress.total];
  assert.equal(shown(build.begin()), [0, 2]);
  assert.equal(shown(build.take('a', 5_000)), [1, 2]);
  assert.is(build.take('a', 5_001), undefined);
  assert.is(build.take('c', 5_001), undefined);
  assert.equal(shown(build.take('b', 5_001)), [2, 2]);
});

test('what is left is what the rest and its linking take at the rate so far', () => {
  const sizes = new Map([
    ['a', 600_000],
    ['b', 400_000],
  ]);
  const left = (cpus: number, take: [string, number][]): number => {
    const build = new BuildProgress(sizes, cpus, 5_000);
    let { leftMs = NaN } = build.begin();
    for (const [name, at] of take) leftMs = build.take(name, at)?.leftMs ?? NaN;
    return Math.round(leftMs);
  };
  // At first as believed: 0.0065 ms a byte on one CPU, and a twentieth more for linking.
  assert.equal([left(1, []), left(2, [])], [6_825, 3_413]);
  // The turn of `a` has come: nothing is done after a second, beside the tenth that is believed.
  assert.is(left(1, [['a', 6_000]]), Math.round((1_050_000 * (1_000 + 0.0065 * 105_000)) / 105_000));
  // With the turn of `b`, `a` is done.
  assert.is(
    left(1, [
      ['a', 6_000],
      ['b', 9_000],
    ]),
    Math.round((450_000 * (4_000 + 0.0065 * 105_000)) / 705_000),
  );
});

test.run();
