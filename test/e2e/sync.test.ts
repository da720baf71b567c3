// `hoist sync` from the command line: files in, clusters changed, table, JSON and exit codes out.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clusterFiles, configMap, configMaps, selectorSet, type SyncContext, withCluster } from './sync-world.ts';

const test = suite<SyncContext>('e2e/sync');
const check = withCluster(test);

const SETS = `apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {name: e2e}
spec:
  clusterDeploymentSelector: {matchLabels: {fleet: e2e}}
  resourceApplyMode: Sync
  resources:
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: e2e-a}, data: {k: v}}
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: e2e-b}, data: {k: v}}
`;

check(
  'a folder is synced, shown as text and as JSON, and what failed sets the exit code',
  async ({ world, cluster }) => {
    const folder = 'fleet';
    world.write('fleet/clusters.yaml', clusterFiles(cluster, ['one', 'two', 'three'], { fleet: 'e2e' }));
    world.write('fleet/sets.yaml', SETS);
    const dry = await world.hoist(['sync', folder, '--dry-run']);
    assert.is(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /create ConfigMap default\/e2e-a .*fleet\/one/);
    const first = await world.hoist(['sync', folder]);
    assert.is(first.code, 0, first.stderr);
    assert.match(first.stdout, /3 clusters: 3 synced/);
    const again = await world.hoist(['sync', folder, '--output', 'json']);
    const lines = again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const last = lines.at(-1);
    assert.is(last?.['type'], 'sync');
    assert.is(last?.['created'], 0);
    assert.is(last?.['unchanged'], 6);
    world.write(
      'fleet/broken.yaml',
      SETS.replace('name: e2e}', 'name: broken}')
        .replaceAll('e2e-', 'broken-')
        .replace('default', '')
        .replace('{name: broken-b}', '{name: b, namespace: nowhere}'),
    );
    const failed = await world.hoist(['sync', folder, '--attempts', '1']);
    assert.is(failed.code, 3);
    assert.match(
      failed.stdout,
      /SelectorSyncSet\/broken: ConfigMap nowhere\/b: .*not found.*\[fleet\/one, fleet\/three, fleet\/two\]|\[fleet/,
    );
    // Nothing of the credentials is shown anywhere.
    for (const { stdout, stderr } of [dry, first, again, failed]) {
      assert.not.match(stdout + stderr, /PRIVATE KEY|LS0tLS1CRUdJTiB/);
    }
  },
);

check(
  'diff names every field that would change, masks Secrets, changes nothing and says so by its exit code',
  async (context) => {
    const { world, cluster, client } = context;
    world.write('diff/clusters.yaml', clusterFiles(cluster, ['left', 'right'], { fleet: 'diff' }));
    const secret = (value: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'diff-secret', namespace: 'default' },
      stringData: { password: value },
    });
    const write = (...resources: object[]): void => {
      const set = { ...selectorSet('diff', { fleet: 'diff' }, resources) };
      world.write('diff/sets.yaml', JSON.stringify(set));
    };
    write(configMap('diff-a', { color: 'red', old: 'x' }), configMap('diff-b', {}), secret('first-value'));
    const fresh = await world.hoist(['sync', 'diff', 'diff']);
    assert.is(fresh.code, 1, fresh.stderr);
    assert.match(fresh.stdout, /\+ ConfigMap default\/diff-a SelectorSyncSet\/diff \[fleet\/\w+, fleet\/\w+\]/);
    assert.match(fresh.stdout, /data\.color: "red"/);
    assert.is((await client.request({ path: `${configMaps}/diff-a` })).status, 404);
    assert.is((await world.hoist(['sync', './diff'])).code, 0);
    const same = await world.hoist(['sync', 'diff', 'diff']);
    assert.is(same.code, 0, same.stdout);
    assert.match(same.stdout, /2 clusters: nothing differs/);
    write(configMap('diff-a', { color: 'blue', 'new.key': 'y' }), secret('second-value'));
    const text = await world.hoist(['sync', 'diff', 'diff']);
    assert.is(text.code, 1, text.stdout + text.stderr);
    assert.match(text.stdout, /~ ConfigMap default\/diff-a/);
    assert.match(text.stdout, /data\.color: "red" → "blue"/);
    assert.match(text.stdout, /data\.old: "x" is removed/);
    assert.match(text.stdout, /- ConfigMap default\/diff-b/);
    assert.match(text.stdout, /~ Secret default\/diff-secret.*\n {4}data\.password differs/);
    const json = await world.hoist(['sync', 'diff', 'diff', '--output', 'json']);
    const found = JSON.parse(json.stdout) as {
      changes: { action: string; ref: { name: string }; clusters: string[] }[];
    };
    assert.equal(
      found.changes.map(({ action, ref, clusters }) => `${action} ${ref.name} ${clusters.length}`),
      ['update diff-a 2', 'delete diff-b 2', 'update diff-secret 2'],
    );
    for (const { stdout } of [fresh, text, json]) {
      assert.not.match(stdout, /(first|second)-value|Zmlyc3Qt|c2Vjb25k/);
    }
    assert.is((await client.request({ path: `${configMaps}/diff-b` })).status, 200);
  },
);

check(
  'a rollout says what became of each wave, stops where one fails, and refuses what does not go with it',
  async (context) => {
    const { world, cluster } = context;
    world.write('waves/clusters.yaml', clusterFiles(cluster, ['red', 'green', 'blue'], { fleet: 'waves' }));
    const write = (...resources: object[]): void => {
      world.write('waves/sets.yaml', JSON.stringify(selectorSet('waves', { fleet: 'waves' }, resources)));
    };
    write(configMap('waves-a', {}));
    const well = await world.hoist(['sync', 'waves', '--rollout', '1,60%']);
    assert.is(well.code, 0, well.stderr);
    assert.match(
      well.stdout,
      /wave 1 of 3: 1 cluster, 0 failed\n.*wave 2 of 3: 1 cluster, .*\n.*wave 3 of 3[^]*3 clusters: 3 synced/,
    );
    write(configMap('waves-a', {}), configMap('waves-b', {}, 'nowhere'));
    const stopped = await world.hoist(['sync', 'waves', '--rollout', '1', '--attempts', '1']);
    assert.is(stopped.code, 3);
    assert.match(stopped.stdout, /wave 1 of 2: 1 cluster, 1 failed\n.*ConfigMap nowhere\/waves-b/);
    assert.match(stopped.stdout, /stopped: 1 of 1 clusters failed, more than 0; 2 clusters left as before/);
    for (const flags of [['--dry-run'], ['--watch'], ['--max-failures', 'x']]) {
      assert.is((await world.hoist(['sync', 'waves', '--rollout', '1', ...flags])).code, 2, flags.join(' '));
    }
    assert.is((await world.hoist(['sync', 'waves', '--max-failures', '1'])).code, 2);
  },
);

check(
  'contexts are clusters as well, and files that are wrong are named with everything that is wrong',
  async ({ world, cluster }) => {
    const sets = world.write('context/sets.yaml', SETS.replaceAll('e2e', 'ctx'));
    const done = await world.hoist(['sync', sets, '--kubeconfig', cluster.kubeconfig, '--context', 'test,fleet=ctx']);
    assert.is(done.code, 0, done.stderr);
    assert.match(done.stdout, /1 cluster: 1 synced.*2 created/);
    const wrong = world.write(
      'wrong.yaml',
      SETS.replace('resourceApplyMode: Sync', 'resourceApplyMode: Sink').replace(
        '{matchLabels: {fleet: e2e}}',
        '\n  matchLabels: {fleet: e2e}',
      ),
    );
    const refused = await world.hoist(['sync', wrong, '--context', 'test']);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /wrong\.yaml:7:3.*resourceApplyMode must be one of Upsert, Sync/);
    assert.match(refused.stderr, /selects all clusters/);
    const mistyped = await world.hoist(['sync', 'lnt', wrong]);
    assert.is(mistyped.code, 2);
    assert.match(mistyped.stderr, /did you mean lint\?/);
  },
);

check('lint says what is wrong with the document that it is in', async ({ world }) => {
  const file = world.write(
    'lint/sets.yaml',
    `${SETS}---\n${SETS.replace('name: e2e}', 'name: second}').replace('resources:', 'resource: []\n  resources:')}`,
  );
  const found = await world.hoist(['sync', 'lint', file]);
  assert.is(found.code, 0, found.stderr);
  assert.match(
    found.stdout,
    /sets\.yaml:17:3: warning: SelectorSyncSet\/second: spec\.resource .*did you mean resources\?/,
  );
  const small = world.write(
    'lint/small.yaml',
    SETS.replace('kind: ConfigMap, metadata: {name: e2e-a', 'kind: configmap, metadata: {name: e2e-a'),
  );
  const kinds = await world.hoist(['sync', 'lint', small]);
  assert.is(kinds.code, 3);
  assert.match(kinds.stdout, /spec\.resources\[0\]\.kind configmap is no kind: .*did you mean ConfigMap\?/);
  const strange = await world.hoist(['sync', 'lint', file, '--workers', '3', '--image', 'x']);
  assert.is(strange.code, 2);
  assert.match(strange.stderr, /`hoist sync lint` does not read --workers\n`hoist sync lint` does not read --image/);
});

test.run();
