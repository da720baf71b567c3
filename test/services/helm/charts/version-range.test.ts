// Ranges of chart versions as helm reads them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseVersion, isVersion } from '../../../../scripts/services/helm/charts/choose-version.ts';

const ranges = suite('services: version ranges');

const versions = ['0.9.0', '1.0.0', '1.2.9', 'v1.3.0', '1.4.0-rc.1', '2.0.0', '2.1', '3.0.0-alpha.2'];
const newest: Record<string, string | undefined> = {
  '>= 1.0.0, < 2.0.0': 'v1.3.0',
  '>=1.0.0 <2.0.0': 'v1.3.0',
  '>=1.0.0,<2.0.0, !=1.3.0': '1.2.9',
  '!=2.1': '2.0.0',
  '1.0.0 - 1.2.9': '1.2.9',
  '~1.2': '1.2.9',
  '~> 1.2.0': '1.2.9',
  '^1': 'v1.3.0',
  '1.x': 'v1.3.0',
  '=>1.3': '2.1',
  '=<1.3': 'v1.3.0',
  '< 1 || ~2.0': '2.0.0',
  '>1.3.0-0 <2': '1.4.0-rc.1',
  '*': '2.1',
  '': '2.1',
  '1.3.0': 'v1.3.0',
  '1.4.0-rc.1': '1.4.0-rc.1',
  '^9': undefined,
};

for (const [range, version] of Object.entries(newest)) {
  ranges(`"${range}" means ${version ?? 'none'}`, () => {
    assert.is(isVersion(range), true);
    assert.is(chooseVersion(versions, range), version);
  });
}

ranges('without a wish the newest that is no preview', () => {
  assert.is(chooseVersion(versions, undefined), '2.1');
  assert.is(chooseVersion(['1.0.0-rc.1'], undefined), undefined);
});

ranges('what is no range', () => {
  for (const text of ['latest', '1.2.3.4', '>', '>= 1 and < 2', '~~1']) assert.is(isVersion(text), false, text);
});

ranges.run();
