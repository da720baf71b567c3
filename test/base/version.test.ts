// The version that hoist says it has.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HOIST_VERSION } from '../../scripts/base/version.ts';

const recorder = suite('base/version');

recorder('the recorded version is that of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  assert.is(HOIST_VERSION, (JSON.parse(text) as { version: string }).version);
});

recorder.run();
