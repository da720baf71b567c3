// Sizes and durations as people write them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBytes, parseDuration } from '../../scripts/settings/units.ts';

const units = suite('settings: units');

units('sizes', () => {
  const table: [string, number | undefined][] = [
    ['1.5G', 1.5e9],
    ['1536Mi', 1536 * 2 ** 20],
    ['2GiB', 2 * 2 ** 30],
    ['512M', 512e6],
    ['512MB', 512e6],
    ['1073741824', 2 ** 30],
    ['100k', 100_000],
    ['lots', undefined],
    ['-1G', undefined],
    ['', undefined],
    ['1 Gi', 2 ** 30],
  ];
  for (const [text, bytes] of table) assert.is(parseBytes(text), bytes, text);
  const powers = { k: 1, K: 1, m: 2, M: 2, g: 3, G: 3, t: 4, T: 4 };
  for (const [unit, power] of Object.entries(powers)) assert.is(parseBytes(`3${unit}`), 3 * 1000 ** power, unit);
  for (const [at, unit] of ['', 'Ki', 'Mi', 'Gi', 'Ti'].entries())
    assert.is(parseBytes(`3${unit}B`), 3 * 1024 ** at, unit);
  assert.equal(['1ki', '1i', '1x', '1.', '.5G', '1GG'].map(parseBytes), Array(6).fill(undefined));
  assert.is(parseBytes('0.0015k'), 2, 'whole bytes');
});

units('durations', () => {
  const table: [string, number | undefined][] = [
    ['90s', 90_000],
    ['10m', 600_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['1h1m1s1ms', 3_661_001],
    ['1s 1s', undefined],
    ['10', undefined],
    ['soon', undefined],
    ['', undefined],
  ];
  for (const [text, ms] of table) assert.is(parseDuration(text), ms, text);
});

units.run();
