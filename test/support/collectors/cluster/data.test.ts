// data: a text of the spec, under the name that the spec gives it.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { data } from '../../../../scripts/support/collectors/cluster/data.ts';
import { runCollector } from '../running.ts';

const test = suite('support/collectors/cluster/data');

test('the text is kept as it is, and is claimed under the same name', async () => {
  const of = async (spec: Record<string, unknown>, suffix = '') => (await runCollector(data, spec, { suffix })).files;
  assert.equal(await of({ name: 'notes', data: 'one\n' }), { notes: 'one\n' });
  assert.equal(await of({ name: 'notes', collectorName: 'mine.txt', data: 'x' }, '-2'), { 'notes/mine.txt-2': 'x' });
  assert.equal(await of({ collectorName: 'mine' }), { mine: '' });
  assert.equal(await of({}), { data: '' });
  const claim = (spec: object) => data.claim({ spec } as never, '');
  assert.equal([claim({ name: 'a', collectorName: 'b' }), claim({})], ['a/b', 'data']);
});

test.run();
