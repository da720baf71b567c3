// What goes into a bundle and out of `collect` and `preflight` by flags: metadata, Redactors, formats. Of the host alone.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld } from './hoist.ts';

const outputs = suite<{ world: World }>('collect: flags for what goes in and out', {} as { world: World });

const CHECKS = `
    - textAnalyze:
        checkName: greeting
        fileName: host-collectors/run-host/hello.txt
        regex: zebra
        outcomes:
          - pass: {when: "true", message: greeted}
          - fail: {when: "false", message: not greeted}
`;
const spec = (kind: string, collectors: string, analyzers: string): string => `apiVersion: troubleshoot.sh/v1beta2
kind: ${kind}
metadata: {name: host}
spec:
  ${collectors}:
    - run: {collectorName: hello, command: echo, args: [zebra crossing]}
  ${analyzers}:${CHECKS}`;

outputs.before((context) => {
  const world = createWorld();
  world.write('bundle.yaml', spec('SupportBundle', 'hostCollectors', 'hostAnalyzers'));
  world.write('preflight.yaml', spec('HostPreflight', 'collectors', 'analyzers'));
  world.write(
    'redactor.yaml',
    'apiVersion: troubleshoot.sh/v1beta2\nkind: Redactor\nmetadata: {name: r}\nspec:\n  redactors:\n    - name: animals\n      removals: {values: [zebra]}\n',
  );
  Object.assign(context, { world });
});

outputs.after(({ world }) => world.close());

const fileOf = (world: World, archive: string, path: string): string =>
  spawnSync('tar', ['xzOf', archive, `${archive.replace('.tar.gz', '')}/${path}`], {
    cwd: world.folder,
  }).stdout.toString();

outputs('metadata and Redactors of a spec of their own', async ({ world }) => {
  const { code, stdout, stderr } = await world.hoist([
    ...['collect', 'bundle.yaml', '--archive', 'a.tar.gz', '--redactors', 'redactor.yaml', '--output', 'junit'],
    ...['--metadata', 'ticket=4711', '--metadata', 'note=a=b'],
  ]);
  assert.is(code, 0, stderr);
  assert.is(fileOf(world, 'a.tar.gz', 'metadata/user.json'), '{\n  "ticket": "4711",\n  "note": "a=b"\n}');
  assert.is(fileOf(world, 'a.tar.gz', 'host-collectors/run-host/hello.txt').trim(), '***HIDDEN*** crossing');
  assert.match(fileOf(world, 'a.tar.gz', 'index.html'), '<!doctype html>');
  // Checks see what is in the bundle.
  assert.match(stdout, '<failure message="not greeted"/>');
  assert.ok(stdout.startsWith('<?xml') && stdout.endsWith('</testsuites>\n'), stdout);
});

outputs('preflight in YAML, with its exit code', async ({ world }) => {
  const { code, stdout } = await world.hoist(['preflight', 'preflight.yaml', '-o', 'yaml']);
  assert.is(code, 0);
  assert.match(stdout, /^checks:\n {2}- title: greeting\n {4}message: greeted\n {4}outcome: pass\n/);
});

outputs('the checks of a bundle that exists', async ({ world }) => {
  const { code, stdout } = await world.hoist([
    'collect',
    'analyze',
    'a.tar.gz',
    'bundle.yaml',
    '-o',
    'junit',
    '--fail-on',
    'fail',
  ]);
  assert.is(code, 3);
  assert.match(stdout, 'failures="1"');
});

outputs('what hides nothing, or is no pair, is an error before anything is collected', async ({ world }) => {
  for (const [flags, said] of [
    [['--redactors', 'bundle.yaml'], 'bundle.yaml: has no Redactor'],
    [['--metadata', 'novalue'], '--metadata must be KEY=VALUE'],
    [['--since', 'soon'], '--since must be a duration'],
  ] as const) {
    const { code, stderr } = await world.hoist(['collect', 'bundle.yaml', '--archive', join('never.tar.gz'), ...flags]);
    assert.is(code, 2, stderr);
    assert.match(stderr, said);
  }
});

outputs('what a Redactor names is nowhere in what is said, either', async ({ world }) => {
  world.write(
    'missing.yaml',
    `${spec('SupportBundle', 'hostCollectors', 'hostAnalyzers')}---
apiVersion: troubleshoot.sh/v1beta2
kind: Redactor
metadata: {name: r}
spec: {redactors: [{name: r, removals: {values: [correcthorsebattery]}}]}
---
apiVersion: troubleshoot.sh/v1beta2
kind: HostCollector
metadata: {name: h}
spec: {collectors: [{run: {collectorName: correcthorsebattery, command: no-correcthorsebattery}}]}
`,
  );
  const { code, stdout, stderr } = await world.hoist(['collect', 'missing.yaml', '--archive', 'm.tar.gz']);
  assert.is(code, 0, stderr);
  assert.match(stdout + stderr, 'was not found');
  assert.not.match(stdout + stderr, 'correcthorsebattery');
});

outputs('items that are called like the bundle itself do not take its place', async ({ world }) => {
  const names = ['index.html', 'version.yaml', 'analysis.json', 'execution-data'];
  const items = names.map((name) => `    - data: {name: ${name}, data: x}\n`).join('');
  world.write('names.yaml', `${spec('SupportBundle', 'hostCollectors', 'hostAnalyzers')}  collectors:\n${items}`);
  const { stderr } = await world.hoist(['collect', 'names.yaml', '--archive', 'n.tar.gz', '--timeout', '5s'], {
    KUBECONFIG: world.write('none', ''),
  });
  const { status, stderr: said } = spawnSync('tar', ['xzf', 'n.tar.gz'], { cwd: world.folder, encoding: 'utf8' });
  assert.is(status, 0, said);
  assert.is(fileOf(world, 'n.tar.gz', 'index-2.html'), 'x', stderr);
  assert.match(fileOf(world, 'n.tar.gz', 'version.yaml'), 'kind: SupportBundle');
  assert.match(fileOf(world, 'n.tar.gz', 'analysis.json'), 'greeting');
});

outputs.run();
