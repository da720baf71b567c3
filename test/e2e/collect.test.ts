// Support bundles of a real API server: whole, redacted in every encoding, and nothing raw left wherever it is stopped.

import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { type KubeClient, connect } from '../../scripts/kube/client/client.ts';
import { readConnection } from '../../scripts/kube/kubeconfig/read.ts';
import { type World, SMALL, createWorld } from './hoist.ts';
import { killedWhen } from './killed.ts';

const SECRET = 'Tr0ub4dor&3-planted';

/** As it may stand in an object or a log. */
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(`ann:${SECRET}`).toString('base64'),
  encodeURIComponent(SECRET),
];

interface Context {
  world: World;
  kubeconfig: string;
  client: KubeClient;
}

const collect = suite<Context>('collect: a real API server', {} as Context);

collect.before(async (context) => {
  const world = createWorld();
  world.write('cluster.yaml', SMALL);
  const { code, stderr } = await world.hoist(['up', '-c', 'cluster.yaml', '--quiet'], { MERGE_KUBECONFIG: 'false' });
  assert.is(code, 0, stderr);
  const kubeconfig = join(world.state, 'hoist/clusters/small/kubeconfig');
  const { connection } = await readConnection({ paths: [kubeconfig], exec });
  const client = connect(connection);
  const post = (path: string, body: object): Promise<unknown> => client.json({ method: 'POST', path, body });
  const env = [
    { name: 'DB_PASSWORD', value: SECRET },
    { name: 'DATABASE_URL', value: `postgres://ann:${encodeURIComponent(SECRET)}@db:5432/app` },
  ];
  await post('/api/v1/namespaces/one/pods', {
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'nginx', env }] },
  });
  const nested = JSON.stringify({ password: SECRET, inner: JSON.stringify({ apiKey: SECRET }) });
  await post('/api/v1/namespaces/one/configmaps', {
    metadata: { name: 'settings' },
    data: {
      'app.json': nested,
      'app.env': `PASSWORD=${SECRET}\nBASIC=Basic ${FORMS[2] ?? ''}\n`,
      plain: 'three replicas',
    },
  });
  await post('/api/v1/namespaces/one/secrets', { metadata: { name: 'db' }, stringData: { password: SECRET } });
  Object.assign(context, { world, kubeconfig, client });
});

collect.after(async ({ world, client }) => {
  client.close();
  await world.close();
});

const SPEC = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: all}
spec:
  collectors:
    - clusterResources: {}
    - secret: {namespace: one, name: db, key: password, includeValue: true}
    - configMap: {namespace: one, name: settings, includeAllData: true}
    - postgresql: {uri: "postgres://ann:${SECRET}@db/app"}
    - ceph: {}
    - data: {name: notes, collectorName: a.txt, data: "token: ${SECRET}"}
  hostCollectors:
    - run: {collectorName: env, command: "true", env: ["PROXY_URL=http://ann:${encodeURIComponent(SECRET)}@proxy:8080"]}
`;

/** All bytes of an archive, unpacked. */
const bytesOf = (file: string): string => gunzipSync(readFileSync(file)).toString('latin1');

collect('a bundle has the objects, and the planted secret in no encoding', async ({ world, kubeconfig }) => {
  world.write('spec.yaml', SPEC);
  const { code, stdout, stderr } = await world.hoist(
    ['collect', 'spec.yaml', '--archive', 'a.tar.gz', '--output', 'json'],
    {
      KUBECONFIG: kubeconfig,
    },
  );
  assert.is(code, 0, stderr);
  const bytes = bytesOf(join(world.folder, 'a.tar.gz'));
  for (const form of FORMS) {
    assert.not.ok(bytes.includes(form), `"${form}" is in the archive`);
    assert.not.ok(stdout.includes(form) || stderr.includes(form), `"${form}" is in the output`);
  }
  for (const path of [
    'cluster-resources/pods/one.json',
    'secrets/one/db/password.json',
    'analysis.json',
    'version.yaml',
  ])
    assert.ok(bytes.includes(`a/${path}`), path);
  assert.ok(bytes.includes('three replicas'));
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { failures: { kind: string; reason: string }[] };
  assert.equal(result.failures.map(({ kind, reason }) => [kind, reason]).sort(), [
    ['ceph', 'unsupported'],
    ['postgresql', 'unsupported'],
  ]);
  assert.is(statSync(join(world.folder, 'a.tar.gz')).mode & 0o077, 0);
});

collect('an odd spec is an error where strictness is asked for, with its place', async ({ world }) => {
  world.write('spec.yaml', SPEC);
  const { code, stderr } = await world.hoist(['collect', 'spec.yaml', '--strict', '--dry-run']);
  assert.is(code, 2);
  assert.match(stderr, 'spec.yaml:9:7: unknown collector "postgresql"; did you mean "postgres"?');
});

const SLOW = `${SPEC}    - run: {collectorName: slow, command: sleep, args: ["30"]}\n`;

collect('Ctrl-C packs what there is, and ends with 130', async ({ world, kubeconfig }) => {
  world.write('slow.yaml', SLOW);
  const { child, ended } = world.start(['collect', 'slow.yaml', '--archive', 'c.tar.gz'], { KUBECONFIG: kubeconfig });
  let seen = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (!seen.includes('cluster-resources (') || child.killed) return;
    child.kill('SIGINT');
  });
  const { code, stdout } = await ended;
  assert.is(code, 130, stdout);
  const bytes = bytesOf(join(world.folder, 'c.tar.gz'));
  assert.ok(bytes.includes('c/cluster-resources/pods/one.json'));
  assert.not.ok(bytes.includes(SECRET));
  assert.equal(
    readdirSync(world.folder).filter((file) => file.includes('partial')),
    [],
  );
});

collect('kill -9 at any moment leaves no raw byte on disk', async ({ world, kubeconfig }) => {
  for (const afterMs of [150, 400, 700, 1_000, 1_500]) {
    const folder = join(world.folder, `kill-${afterMs}`);
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    const { child, ended } = world.start(
      ['collect', world.write('slow.yaml', SLOW), '--archive', join(folder, 'k.tar.gz')],
      {
        KUBECONFIG: kubeconfig,
        TMPDIR: join(folder, 'tmp'),
      },
    );
    await sleep(afterMs);
    child.kill('SIGKILL');
    await ended;
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, file);
      if (!statSync(path).isFile()) continue;
      const unpacked = spawnSync('gzip', ['-dc', path], { maxBuffer: 1 << 28 }).stdout.toString('latin1');
      for (const form of FORMS)
        assert.not.ok(
          (readFileSync(path, 'latin1') + unpacked).includes(form),
          `${form} in ${file} after ${afterMs} ms`,
        );
    }
  }
});

collect('kill -9 takes the commands of host collectors along, and what they have written', async ({ world }) => {
  const pipe = join(world.folder, 'alive');
  assert.is(spawnSync('mkfifo', [pipe]).status, 0);
  const script = `exec 3>${pipe}; echo ${SECRET} > $TS_OUTPUT_DIR/raw; pwd > ${world.folder}/where.part; mv ${world.folder}/where.part ${world.folder}/where; sleep 300 & wait`;
  world.write(
    'own.yaml',
    `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: own}
spec:
  collectors: []
  hostCollectors:
    - run: {collectorName: own, command: sh, args: ["-c", ${JSON.stringify(script)}], outputDir: out}
`,
  );
  // Ends when nothing that has it open for writing runs any more.
  const alive = buffer(createReadStream(pipe));
  const run = world.start(['collect', 'own.yaml', '--context', 'none', '--archive', 'own.tar.gz']);
  assert.ok(await killedWhen(run, world.folder, () => existsSync(join(world.folder, 'where'))));
  await alive;
  const folder = readFileSync(join(world.folder, 'where'), 'utf8').trim();
  assert.match(folder, '/hoist-collect-');
  for (let tries = 0; existsSync(folder) && tries < 200; tries++) await sleep(100);
  assert.not.ok(existsSync(folder));
});

collect('preflight ends with 3 for a failure, 4 for a warning, 0 where all is well', async ({ world, kubeconfig }) => {
  const checks = (outcomes: string): string => `apiVersion: troubleshoot.sh/v1beta2
kind: Preflight
metadata: {name: p}
spec:
  analyzers:
    - clusterVersion: {outcomes: ${outcomes}}
`;
  const codes: (number | null)[] = [];
  for (const outcomes of [
    '[{pass: {when: ">= 1.20.0", message: fine}}]',
    '[{warn: {when: ">= 1.20.0", message: newer is better}}]',
    '[{fail: {when: ">= 1.20.0", message: too new}}]',
    // Nothing matches: never a pass.
    '[{pass: {when: "< 1.0.0", message: old}}]',
  ]) {
    world.write('p.yaml', checks(outcomes));
    const { code } = await world.hoist(['preflight', 'p.yaml', '--quiet'], { KUBECONFIG: kubeconfig });
    codes.push(code);
  }
  assert.equal(codes, [0, 4, 3, 4]);
  assert.not.ok(existsSync(join(world.folder, 'p.tar.gz')));
});

collect.run();
