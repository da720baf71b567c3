// Headers of tar archives, written and read.

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TAR_FILE_MAX, readTarHeader, tarHeader, tarPadding } from '../../../scripts/host/files/tar-header.ts';

const headers = suite('tar headers');

headers('what was written is read, up to the largest size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: TAR_FILE_MAX }), fc.stringMatching(/^[a-z0-9/]{1,90}$/), (size, name) => {
      assert.equal(readTarHeader(tarHeader(name, size, 0)), { name, size });
    }),
  );
});

headers('each field is where the format has it', () => {
  const header = tarHeader('a', 9, 0o12345);
  const field = (at: number, length: number): string => header.toString('latin1', at, at + length);
  assert.equal([field(100, 8), field(108, 8), field(116, 8)], ['0000644\0', '0000000\0', '0000000\0']);
  assert.equal([field(124, 12), field(136, 12)], ['00000000011\0', '00000012345\0']);
  assert.equal([field(156, 1), field(257, 8)], ['0', 'ustar\x0000']);
  const sum = [...header].reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  assert.is(field(148, 8), `${sum.toString(8).padStart(6, '0')}\0 `);
  assert.equal(
    [...header.subarray(265)].filter((byte) => byte !== 0),
    [],
  );
});

headers('one field that is wrong makes it none', () => {
  const changed = (at: number, text: string): unknown => {
    const header = tarHeader('a', 9, 0);
    header.write(text, at, 'latin1');
    // The sum is right again, so that it is the field alone.
    const sum = [...header].reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 0x20 : byte), 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return readTarHeader(header);
  };
  assert.equal(changed(0, 'b'), { name: 'b', size: 9 });
  assert.equal(changed(124, '        077 '), { name: 'a', size: 63 });
  for (const [at, text] of [
    [0, '\0'],
    [124, '9'],
    [156, '5'],
    [257, 'vstar'],
    [261, 'x'],
    [345, 'p'],
  ] as const)
    assert.is(changed(at, text), undefined, `${text} at ${at}`);
});

headers('another block is none', () => {
  assert.is(readTarHeader(Buffer.alloc(512)), undefined);
  assert.is(readTarHeader(Buffer.alloc(100)), undefined);
  const header = tarHeader('a', 1, 0);
  header[0] = 98;
  assert.is(readTarHeader(header), undefined);
});

headers('padding fills up to whole blocks', () => {
  assert.equal([0, 1, 511, 512, 513].map(tarPadding), [0, 511, 1, 0, 511]);
});

headers.run();
