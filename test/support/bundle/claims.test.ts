// Paths of a bundle: never two files with one, never a file where a folder is, and its own names are its own.

import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OWN_FILES, PathClaims } from '../../../scripts/support/bundle/claims.ts';

const claims = suite('bundle: whose path it is');

claims('the second of a name, a file below a file, and a file where a folder is get a number', () => {
  const paths = new PathClaims();
  assert.equal(
    ['a/b.json', 'a/b.json', 'a/b.json/c', 'a', 'a/b.json/c', 'x', 'x/y', 'x/z'].map((path) => paths.claim(path)),
    ['a/b.json', 'a/b-2.json', 'a/b-3.json/c', 'a-2', 'a/b-3.json/c-2', 'x', 'x-2/y', 'x-2/z'],
  );
});

claims('what a bundle writes itself has its name, whoever asks for it first', () => {
  const paths = new PathClaims(OWN_FILES);
  assert.is(paths.claim('index.html/data'), 'index-2.html/data');
  assert.is(paths.claim('version.yaml'), 'version-2.yaml');
  assert.is(paths.claim('execution-data'), 'execution-data-2');
  assert.is(paths.claim('collector-errors'), 'collector-errors-2');
  for (const path of OWN_FILES.filter((one) => !one.endsWith('/'))) assert.is(paths.claimReserved(path), path);
  assert.is(paths.claimReserved('collector-errors/x.json'), 'collector-errors/x.json');
});

claims('whatever is claimed, in whichever order: what comes of it can be unpacked', () => {
  const part = fc.constantFrom('a', 'b', 'a-2', 'index.html', 'execution-data', 'summary.txt');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 40 }), (wanted) => {
      const paths = new PathClaims(OWN_FILES);
      const own = [...wanted.map((one) => paths.claim(one)), paths.claimReserved('index.html')];
      assert.is(new Set(own).size, own.length);
      for (const one of own)
        for (const other of own) assert.not.ok(other.startsWith(`${one}/`), `${other} lies below ${one}`);
    }),
  );
});

claims.run();
