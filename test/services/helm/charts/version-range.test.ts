// Ranges of chart versions as helm reads them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseVersion, fits, isVersion } from '../../../../scripts/services/helm/charts/choose-version.ts';

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

// Each range with versions that lie in it, and such that do not, by helm's own rules.
const members: [range: string, inside: string, outside: string][] = [
  ['>1.2', '1.3.0 1.10.1 2.0.0', '1.2.0 1.2.9 1.1.0 0.9.9'],
  ['>1', '2.0.0 3.1.0', '1.0.0 1.9.9 0.1.0'],
  ['>=1.2.3', '1.2.3 2.0.0', '2.0.0-beta 2.0.0-beta.1'],
  ['>=1.2.3-0', '1.2.3-beta 2.0.0-beta.1', '1.2.2'],
  ['>1.2.3', '1.2.4 1.3.0 2.0.0', '1.2.3 1.2.2'],
  ['>=1.2', '1.2.0 1.3.0', '1.1.9'],
  ['<1.2', '1.1.9', '1.2.0 1.2.1'],
  ['<=1.2', '1.2.9 1.1.0 0.1.0', '1.3.0 2.0.0'],
  ['<=1', '1.9.9 0.1.0', '2.0.0'],
  ['<=1.2.3', '1.2.3 1.2.2', '1.2.4'],
  ['=1.2.3', '1.2.3', '1.2.4 1.2.2 2.2.3'],
  ['=1.2.3 || 2.0.0', '1.2.3 2.0.0', '1.2.4 2.0.1'],
  ['=1.2', '1.2.0 1.2.7', '1.3.0 2.2.0'],
  ['!=1.2.3', '1.2.4 2.0.0', '1.2.3'],
  ['!=1.2', '1.3.0 2.2.0', '1.2.0 1.2.9'],
  ['!=1', '2.0.0 0.1.0', '1.0.0 1.9.9'],
  ['~1', '1.0.0 1.9.9', '2.0.0 0.9.0'],
  ['~1.2.3', '1.2.3 1.2.9', '1.2.2 1.3.0 2.2.3'],
  ['~0.0.0', '0.0.0 7.1.2', ''],
  ['~*', '0.1.0 9.0.0', ''],
  ['^1.2.3', '1.2.3 1.9.0', '1.2.2 2.0.0'],
  ['^0.2.3', '0.2.3 0.2.9', '0.2.2 0.3.0 1.2.3'],
  ['^0.0.3', '0.0.3', '0.0.2 0.0.4 0.1.0'],
  ['^0.0', '0.0.0 0.0.9', '0.1.0'],
  ['^0.2', '0.2.0 0.2.9', '0.3.0 0.1.9'],
  ['^0', '0.0.1 0.9.0', '1.0.0'],
  ['^*', '0.1.0 5.0.0', ''],
  ['1.0.0 - 2', '1.0.0 2.9.0', '0.9.9 3.0.0'],
  ['1 || 3.0.x', '1.5.0 3.0.7', '2.0.0 3.1.0'],
  ['>=1.0.0-0', '1.0.0-rc.1 1.0.0', '0.9.0-rc.1'],
  ['>=1.0.0', '1.0.1', '1.1.0-rc.1'],
];
for (const [range, inside, outside] of members) {
  ranges(`what lies in "${range}"`, () => {
    const has = (version: string): boolean => chooseVersion([version], range) === version;
    for (const version of inside.split(' ')) assert.is(has(version), true, version);
    for (const version of outside.split(' ').filter(Boolean)) assert.is(has(version), false, version);
  });
}

ranges('a version of a lock file fits where it lies in the range, or would without its preview', () => {
  for (const [version, wanted, is] of [
    ['1.2.3', '^1.2', true],
    ['2.0.0', '^1.2', false],
    ['1.2.3-rc.1', '1.2.3-rc.1', true],
    ['1.2.3-rc.1', '^1.2', true],
    ['2.0.0-rc.1', '^1.2', false],
    ['0.0.1', undefined, true],
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2.3', false],
  ] as const)
    assert.is(fits(version, wanted), is, `${version} in ${wanted}`);
});

ranges('without a wish the newest that is no preview', () => {
  assert.is(chooseVersion(versions, undefined), '2.1');
  assert.is(chooseVersion(['1.0.0-rc.1'], undefined), undefined);
});

ranges('what is no range', () => {
  for (const text of ['latest', '1.2.3.4', '>', '>= 1 and < 2', '~~1']) assert.is(isVersion(text), false, text);
});

ranges.run();
