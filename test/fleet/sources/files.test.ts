// Sets, clusters and Secrets from files: what is read, and everything that is wrong at once.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError } from '../../../scripts/base/errors.ts';
import { type FromFiles, fleetFromFiles, readObjects } from '../../../scripts/fleet/sources/files.ts';

const files = suite<{ folder: string }>('fleet files');

files.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-fleet-'));
});
files.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const set = (name: string): string => `apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: ${name}}
spec:
  clusterDeploymentSelector: {matchLabels: {a: b}}
  resourceApplyMode: Sync
  resources: [{apiVersion: v1, kind: Namespace, metadata: {name: team}}]
`;

async function read(folder: string, text: string): Promise<FromFiles> {
  writeFileSync(join(folder, 'fleet.yaml'), text);
  return fleetFromFiles({ paths: [folder], parameters: {}, extra: [] });
}

async function problems(folder: string, text: string): Promise<string[]> {
  const error: unknown = await read(folder, text).catch((thrown: unknown) => thrown);
  assert.instance(error, ConfigError, String(error));
  return (error as ConfigError).problems.map(
    ({ where, message }) => `${where.replace(`${folder}/`, '')} ${message.replaceAll(`${folder}/`, '')}`,
  );
}

files('sets, and Secrets with their plain and encoded data', async ({ folder }) => {
  const secrets = `apiVersion: v1
kind: Secret
metadata: {name: s, namespace: team, labels: {l: '1'}, annotations: {a: '2'}}
type: Opaque
data: {old: b2xk, both: b2xk}
stringData: {both: new}
---
apiVersion: v1
kind: Secret
metadata: {name: bare}
---
`;
  const fleet = await read(folder, secrets + set('one'));
  assert.equal(
    fleet.sets.map(({ name }) => name),
    ['one'],
  );
  assert.is(fleet.complete, true);
  assert.equal(await fleet.secret('team', 's'), {
    type: 'Opaque',
    data: { old: 'b2xk', both: Buffer.from('new').toString('base64') },
    labels: { l: '1' },
    annotations: { a: '2' },
  });
  const bare = await fleet.secret('default', 'bare');
  assert.equal(bare, { type: undefined, data: {}, labels: {}, annotations: {} });
  assert.is(await fleet.secret('default', 's'), undefined);
});

files('the items of a list count by themselves, each with its place', async ({ folder }) => {
  writeFileSync(
    join(folder, 'list.yaml'),
    'kind: List\napiVersion: v1\nitems: [{kind: A}, {kind: BList, items: [{kind: C}]}]\n',
  );
  writeFileSync(join(folder, 'z.yaml'), 'kind: NoList\nitems: none\n');
  const { objects, problems: none } = await readObjects([folder], {});
  assert.equal(none, []);
  assert.equal(
    objects.map(({ object, where }) => [object['kind'], where.replace(/^.*\/(\w+)\.yaml:\d+:\d+/, '$1')]),
    [
      ['A', 'list (item 1)'],
      ['C', 'list (item 2) (item 1)'],
      ['NoList', 'z'],
    ],
  );
});

files('what is no object, and what is written twice', async ({ folder }) => {
  assert.equal(await problems(folder, `- one\n---\n${set('a')}---\n${set('b')}---\n${set('a')}`), [
    'fleet.yaml:1:1 is not an object; it begins with apiVersion and kind',
    'fleet.yaml:19:1 SelectorSyncSet/a is written twice; the first one is at fleet.yaml:3:1',
  ]);
});

files('an error of a set refuses it, a warning does not', async ({ folder }) => {
  const bad = set('a').replace('clusterDeploymentSelector: {matchLabels: {a: b}}', 'clusterDeploymentSelector: 1');
  const [problem = ''] = await problems(folder, bad);
  assert.match(problem, /^fleet\.yaml:\d+:\d+ SelectorSyncSet\/a: spec\.clusterDeploymentSelector/);
  const { warnings, sets } = await read(folder, set('a').replace('Sync\n', 'Sync\n  resourceAplyMode: Upsert\n'));
  assert.is(sets.length, 1);
  assert.is(warnings.length, 1);
});

files('sets that are for none of the clusters are named, a few of them', async ({ folder }) => {
  const cluster = (labels: string): string => `---
apiVersion: hive.openshift.io/v1
kind: ClusterDeployment
metadata: {name: c, namespace: f, labels: ${labels}}
spec: {installed: true, clusterMetadata: {adminKubeconfigSecretRef: {name: k}}}
`;
  const own = (name: string, ref: string): string => `---
apiVersion: hive.openshift.io/v1
kind: SyncSet
metadata: {name: ${name}, namespace: f}
spec: {clusterDeploymentRefs: [{name: ${ref}}]}
`;
  const warned = async (text: string): Promise<string[]> => {
    const { warnings } = await read(folder, text);
    return warnings.map(({ where, message }) => `${where.replace(`${folder}/`, '')} ${message}`);
  };
  assert.equal(await warned(set('one') + cluster('{a: b}') + own('mine', 'c')), []);
  assert.equal(await warned(set('one') + cluster('{a: c}') + own('mine', 'c')), [
    'fleet.yaml:1:1 SelectorSyncSet/one is for none of the clusters: see labels and names',
  ]);
  assert.equal(await warned(set('one') + cluster('{}') + ['p', 'q', 'r', 's'].map((name) => own(name, 'd')).join('')), [
    'fleet.yaml:1:1 SelectorSyncSet/one, SyncSet/f/p, SyncSet/f/q and 2 more are for none of the clusters: see labels and names',
  ]);
  assert.equal(await warned(set('one')), []);
});

files.run();
