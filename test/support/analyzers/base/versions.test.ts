// Ranges of versions as blang/semver reads them, and what the version of a cluster is.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inRange, kubernetesVersion, versionOf } from '../../../../scripts/support/analyzers/base/versions.ts';

const versions = suite('support/analyzers/base/versions');

versions('ranges, at their bounds', () => {
  const table: [version: string, range: string, inside: boolean][] = [
    ['1.2.3', '1.2.3', true],
    ['1.2.3', '=1.2.3', true],
    ['1.2.4', '=1.2.3', false],
    ['1.2.3', '!1.2.3', false],
    ['1.2.4', '!1.2.3', true],
    ['1.2.4', '!=1.2.3', true],
    ['1.2.3', '>1.2.3', false],
    ['1.2.3', '>=1.2.3', true],
    ['1.2.3', '<1.2.3', false],
    ['1.2.3', '<=1.2.3', true],
    ['1.2.3', '>=1.2 <1.3', true],
    ['1.3.0', '>=1.2 <1.3', false],
    ['1.3.0', '<1 || >1.2', true],
    ['1.1.0', '<1 || >1.2', false],
    ['2.0.0', '>= 2', true],
    ['1.2.0', '1.2.x', true],
    ['1.2.99', '1.2.X', true],
    ['1.3.0', '1.2.x', false],
    ['1.1.9', '1.2.x', false],
    ['1.9.9', '1.x', true],
    ['1.9.9', '1.x.x', true],
    ['2.0.0', '1.x', false],
    ['0.9.0', '1.x', false],
    ['1.2.5', '>1.2.x', false],
    ['1.3.0', '>1.2.x', true],
    ['1.2.5', '>=1.2.x', true],
    ['1.1.9', '<1.2.x', true],
    ['1.2.0', '<1.2.x', false],
    ['1.3.0', '<=1.2.x', false],
    ['1.2.9', '!1.2.x', false],
    ['1.3.0', '!1.*', false],
    ['2.0.0', '!1.*', true],
    ['1.2.3-rc.1', '<1.2.3', true],
    ['1.2.3+build', '=1.2.3', true],
  ];
  for (const [version, range, inside] of table) assert.is(inRange(version, range), inside, `${version} in ${range}`);
  for (const range of ['', '>', '1.2.3 ||', '>= one', '1.2.3 &&'])
    assert.throws(() => inRange('9.0.0', range), /is no (?:range of versions|version)/, range);
  assert.throws(() => inRange('one', '>1'), /"one" is no version/);
});

versions('versions as people write them', () => {
  const table: [text: string, version: string | undefined][] = [
    ['v1.2.3', '1.2.3'],
    ['8', '8.0.0'],
    ['8.4', '8.4.0'],
    [' 1.2.3 ', '1.2.3'],
    ['1.02.3', '1.2.3'],
    ['1.2.3.4', '1.2.3'],
    ['1.2-rc.1', '1.2.0-rc.1'],
    ['1.2.3+x', '1.2.3'],
    ['', undefined],
    ['x1', undefined],
    ['1.x', undefined],
  ];
  for (const [text, version] of table) assert.is(versionOf(text)?.version, version, text);
});

versions('what a distribution adds is no prerelease', () => {
  const table: [text: string, version: string][] = [
    ['v1.29.0-gke.100', 'v1.29.0'],
    ['v1.29.0-eks-abc', 'v1.29.0'],
    ['v1.29.0-rc.1', 'v1.29.0-rc.1'],
    ['v1.29.0-alpha.0', 'v1.29.0-alpha.0'],
    ['v1.29.0-beta.2', 'v1.29.0-beta.2'],
    ['v1.29.0-0', 'v1.29.0-0'],
    ['v1.29.0', 'v1.29.0'],
    ['v1.29.0+k3s1', 'v1.29.0+k3s1'],
  ];
  for (const [text, version] of table) assert.is(kubernetesVersion(text), version, text);
});

versions.run();
