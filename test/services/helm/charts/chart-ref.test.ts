// What the text of `chart` means, and which version of a chart is meant.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isPath, parseChartRef } from '../../../../scripts/services/helm/charts/chart-ref.ts';
import {
  chooseVersion,
  isExact,
  isVersion,
  unknownChart,
  unknownVersion,
} from '../../../../scripts/services/helm/charts/choose-version.ts';

const refs = suite('charts: what is meant');

refs('a repository, an OCI registry, or a path', () => {
  const isRepo = (name: string): boolean => name === 'jetstack';
  const read = (text: string): object => parseChartRef(text, isRepo);
  assert.equal(read('jetstack/cert-manager'), { kind: 'repo', repo: 'jetstack', name: 'cert-manager' });
  assert.equal(read('oci://ghcr.io/org/chart'), { kind: 'oci', reference: 'oci://ghcr.io/org/chart' });
  for (const path of [
    'charts/web',
    './jetstack/web',
    '../jetstack',
    'jetstack',
    'jetstack/',
    'jetstack/a/b',
    '/abs/web',
  ])
    assert.equal(read(path), { kind: 'local', path }, path);
});

refs('what can be nothing but a path', () => {
  for (const path of ['.', '..', './a', '../a/b', '/a', 'a.tgz', 'a/b-1.0.tgz']) assert.ok(isPath(path), path);
  for (const other of ['a/b', 'a', '.a', 'a/.b']) assert.not.ok(isPath(other), other);
});

refs('the newest version that fits; previews only where they are asked for', () => {
  const versions = ['1.0.0', '1.10.0', '1.9.3', '2.0.0-rc.1', 'v0.9.0', 'not-a-version'];
  const cases: [string | undefined, string | undefined][] = [
    [undefined, '1.10.0'],
    ['~1.9', '1.9.3'],
    ['1.x', '1.10.0'],
    ['0.9.0', 'v0.9.0'],
    ['v1.0.0', '1.0.0'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
    ['^2', undefined],
    ['>3', undefined],
  ];
  for (const [wanted, expected] of cases) assert.is(chooseVersion(versions, wanted), expected, wanted ?? 'none');
});

refs('one version, several versions, and what is none', () => {
  const kinds = (text: string): boolean[] => [isExact(text), isVersion(text)];
  assert.equal(kinds('1.2.3'), [true, true]);
  assert.equal(kinds('v1.2.3'), [true, true]);
  assert.equal(kinds('~1.2'), [false, true]);
  assert.equal(kinds('1.2'), [false, true]);
  assert.equal(kinds('latest'), [false, false]);
});

refs('a chart that is not there: what is called alike', () => {
  const names = ['postgresql', 'postgresql-ha', 'redis', 'kube-prometheus'];
  assert.is(unknownChart('postgres', names), 'has no chart "postgres"; it has "postgresql", "postgresql-ha"');
  assert.is(unknownChart('rediss', names), 'has no chart "rediss"; it has "redis"');
  assert.is(unknownChart('zzzz', names), 'has no chart "zzzz", nor one of its 4 charts that is called alike');
});

refs('a version that is not there: the newest five', () => {
  const versions = ['1.0.0', '1.2.0', '1.10.0', '0.1.0', '2.0.0-a', '1.1.0', 'junk'];
  assert.is(
    unknownVersion('web', '^9', versions),
    'has no version ^9 of "web"; the newest are 2.0.0-a, 1.10.0, 1.2.0, 1.1.0, 1.0.0',
  );
  assert.is(unknownVersion('web', undefined, ['1.0.0-a']), 'has only previews of "web"; the newest are 1.0.0-a');
});

refs.run();
