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
