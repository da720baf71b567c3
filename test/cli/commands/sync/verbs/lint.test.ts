// `hoist sync lint`: findings with their places, what is counted, and the code that it ends with.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../../invoke.ts';

const test = suite<Place>('cli/commands/sync/verbs/lint');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const set = (name: string, resource: string): string => `---
apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: ${name}}
spec:
  clusterDeploymentSelector: {matchLabels: {a: b}}
  resources:
    - ${resource}
`;
const GOOD = set('good', '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}');
const WARNS = set('warns', '{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}, status: {}}');
const BAD = set('bad', '{apiVersion: v1, kind: configmap, metadata: {name: a}}');

test('what is right, what is a warning, and what is an error', async ({ write, invoke }) => {
  write('good.yaml', GOOD);
  const good = await invoke('sync', ['lint', 'good.yaml']);
  assert.equal([good.code, good.stdout], [0, '1 set, 0 errors, 0 warnings\n']);
  write('all.yaml', GOOD + WARNS + BAD);
  const all = await invoke('sync', ['lint', 'all.yaml']);
  const lines = all.stdout.trim().split('\n');
  assert.is(all.code, 3);
  assert.is(lines.length, 3);
  assert.match(
    all.stdout,
    /all\.yaml:\d+:\d+: warning: SelectorSyncSet\/warns: spec\.resources\[0\]\.status .* \(status\)/,
  );
  assert.match(all.stdout, /all\.yaml:\d+:\d+: error: SelectorSyncSet\/bad: .* \(kind\)/);
  assert.is(lines.at(-1), '3 sets, 1 error, 1 warning');
  assert.is((await invoke('sync', ['lint', 'all.yaml', '--quiet'])).stdout, '3 sets, 1 error, 1 warning\n');
});

test('files without a set are a wrong operand, not sets without a fault', async ({ write, invoke }) => {
  write('none.yaml', '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n');
  const { code, stdout, error } = await invoke('sync', ['lint', 'none.yaml']);
  assert.equal([code, stdout], [2, '']);
  assert.match(error, /there is no SyncSet and no SelectorSyncSet/);
});

test('warnings alone are fine, but for --strict', async ({ write, invoke }) => {
  write('warns.yaml', WARNS);
  const { code, stdout } = await invoke('sync', ['lint', 'warns.yaml']);
  assert.equal([code, stdout.trim().split('\n').at(-1)], [0, '1 set, 0 errors, 1 warning']);
  const strict = await invoke('sync', ['lint', 'warns.yaml', '--strict']);
  assert.equal([strict.code, strict.stdout.trim().split('\n').at(-1)], [3, '1 set, 1 error, 0 warnings']);
});

test('JSON for programs; and what cannot be read', async ({ write, invoke }) => {
  write('all.yaml', WARNS + BAD);
  const { stdout } = await invoke('sync', ['lint', 'all.yaml', '--output', 'json']);
  const found = JSON.parse(stdout) as { type: string; sets: number; errors: number; findings: { rule: string }[] };
  assert.equal([found.type, found.sets, found.errors], ['lint', 2, 1]);
  assert.equal(found.findings.map(({ rule }) => rule).sort(), ['kind', 'status']);
  assert.match((await invoke('sync', ['lint'])).error, 'name the files or folders');
  write('broken.yaml', 'a: [');
  const broken = await invoke('sync', ['lint', 'broken.yaml']);
  assert.equal([broken.code, broken.error.includes('broken.yaml')], [2, true]);
});

test('flags of other forms are refused', async ({ write, invoke }) => {
  write('good.yaml', GOOD);
  const { code, error } = await invoke('sync', ['lint', 'good.yaml', '--watch', '--workers=3', '--label=a=b']);
  assert.is(code, 2);
  assert.equal(error.split('\n'), [
    '`hoist sync lint` does not read --watch',
    '`hoist sync lint` does not read --workers',
    '`hoist sync lint` does not read --label',
  ]);
});

test.run();
