import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inputsOf } from '../../../../scripts/services/helm/inputs.ts';
import { chartDifferences } from '../../../../scripts/services/helm/releases/chart-drift.ts';

const drift = suite('helm: whether a release is of the chart of the settings');

const base = { name: 'web', namespace: 'one', withoutWebhooks: false };
const values = { text: '{"b":{"y":1,"x":2},"a":1}', secrets: [] };
const service = (version: string | undefined) => ({ ...base, values, version, chart: undefined });
const deployed = (version: string) => ({ chart: { metadata: { version } }, config: { a: 1, b: { x: 2, y: 1 } } });
const state = (inputs?: string) => ({ revision: 3, inputs });

drift('a version, a range that holds it, one that does not, none at all', async () => {
  assert.equal(await chartDifferences(service('1.2.3'), state(), deployed('1.2.3')), []);
  assert.equal(await chartDifferences(service('^1.2'), state(), deployed('1.4.0')), []);
  assert.equal(await chartDifferences(service(undefined), state(), deployed('1.4.0')), []);
  const other = [{ path: 'version', have: '1.2.3', want: '^2' }];
  assert.equal(await chartDifferences(service('^2'), state(), deployed('1.2.3')), other);
});

drift('the files of a chart, where hoist released it and the values are the same', async () => {
  const path = mkdtempSync(join(tmpdir(), 'hoist-chart-'));
  const chart = { path, digest: 'new' };
  const own = { ...service(undefined), chart };
  const before = inputsOf(own, { path, digest: 'old' });
  const changed = [{ path: 'chart', have: 'as released in revision 3', want: `changed since in ${path}` }];
  writeFileSync(join(path, 'Chart.yaml'), 'version: 1.0.0\n');
  assert.equal(await chartDifferences(own, state(before), deployed('1.0.0')), changed);
  assert.equal(await chartDifferences(own, state(inputsOf(own, chart)), deployed('1.0.0')), []);
  assert.equal(await chartDifferences(own, state(), deployed('1.0.0')), [], 'someone else released it');
  const otherValues = { ...own, values: { ...values, text: '{}' } };
  assert.equal(await chartDifferences(otherValues, state(before), deployed('1.0.0')), [], 'the values say it');
  // Its version is read where it can be.
  for (const text of ['version: [', 'null', '{}']) {
    writeFileSync(join(path, 'Chart.yaml'), text);
    assert.equal(await chartDifferences(own, state(before), deployed('1.0.0')), changed);
  }
  rmSync(path, { recursive: true });
});

drift.run();
