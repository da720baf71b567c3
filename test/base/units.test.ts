// Numbers with their units.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesText, count, duration, elapsed, exactDuration } from '../../scripts/base/units.ts';

const test = suite('base/units');

test('durations', () => {
  const table: [number, string][] = [
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999.4, '999 ms'],
    [999.5, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [3_725_000, '1 h 02 min'],
  ];
  for (const [ms, text] of table) assert.is(duration(ms), text);
});

test('elapsed time of what still runs', () => {
  const table: [number, string][] = [
    [-5, '0.0 s'],
    [0, '0.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1:00'],
    [125_000, '2:05'],
    [3_725_000, '1:02:05'],
    [35_999_000, '9:59:59'],
    [36_120_000, '10:02 h'],
  ];
  for (const [ms, text] of table) {
    assert.is(elapsed(ms), text);
    assert.ok(text.length <= 7);
  }
});

test('counts', () => {
  assert.is(count(1, 'step'), '1 step');
  assert.is(count(0, 'step'), '0 steps');
});

test('sizes: one digit more than it takes to read them', () => {
  const table: [number, string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1, '1 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [99.9 * 1024, '99.9 KiB'],
    [99.95 * 1024, '100 KiB'],
    [1023.4 * 1024, '1023 KiB'],
    [512 * 2 ** 20, '512 MiB'],
    [16 * 2 ** 30, '16 GiB'],
    [15.64 * 2 ** 30, '15.6 GiB'],
    [2 ** 55, '32768 TiB'],
  ];
  for (const [bytes, text] of table) assert.is(bytesText(bytes), text);
});

test('durations that are compared keep three digits', () => {
  const table: [number, string][] = [
    [0.04, '0 ms'],
    [0.05, '0.1 ms'],
    [-0.04, '0 ms'],
    [-0.4, '-0.4 ms'],
    [0.4, '0.4 ms'],
    [99.94, '99.9 ms'],
    [99.95, '100 ms'],
    [850, '850 ms'],
    [999.5, '1.00 s'],
    [12_340, '12.34 s'],
    [99_994, '99.99 s'],
    [99_995, '100 s'],
    [123_000, '123 s'],
  ];
  for (const [ms, text] of table) assert.is(exactDuration(ms), text);
});

test.run();
