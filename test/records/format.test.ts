// Shares and columns of the benchmark log's readers.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pad, percent, percentRange } from '../../scripts/records/format.ts';

const format = suite('records/format');

format('columns', () => {
  assert.is(pad('ab', 4), 'ab  ');
  assert.is(pad('ab', 3), 'ab ');
  assert.is(pad('ab', 2), 'ab ');
  assert.is(pad('abc', 2), 'abc ');
});

format('shares', () => {
  const table: [share: number, text: string][] = [
    [0, '0.0 %'],
    [0.0004, '0.0 %'],
    [-0.0004, '0.0 %'],
    [0.0005, '+0.1 %'],
    [-0.0005, '-0.1 %'],
    [0.032, '+3.2 %'],
    [-0.12, '-12 %'],
    [0.0994, '+9.9 %'],
    [0.0995, '+10 %'],
    [0.99, '+99 %'],
    [1, '×2.0'],
    [2.4, '×3.4'],
    [8.9, '×9.9'],
    [9, '×10'],
    [Infinity, '×∞'],
  ];
  for (const [share, text] of table) assert.is(percent(share), text, String(share));
  assert.is(percentRange({ low: -0.049, high: 0.023 }), '-4.9…+2.3 %');
  assert.is(percentRange({ low: 0.5, high: 2 }), '+50 %…×3.0');
  assert.is(percentRange({ low: 1, high: 2 }), '×2.0…×3.0');
});

format.run();
