// `hoist collect` of a machine alone: from a spec to a bundle, its checks, and the code of the end.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readArchive } from '../../../../scripts/support/bundle/archive.ts';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/collect/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const spec = (body: string, kind = 'SupportBundle'): string =>
  `apiVersion: troubleshoot.sh/v1beta2\nkind: ${kind}\nmetadata: {name: b}\nspec:\n${body}`;
const ECHO = '  hostCollectors: [{run: {collectorName: say, command: echo, args: [hello]}}]\n';
const check = (outcome: string): string =>
  `  analyzers:\n    - textAnalyze: {checkName: words, fileName: host-collectors/run-host/say.txt, regex: hello, outcomes: [{${outcome}: {when: "true", message: found it}}]}\n`;
const COLLECTS = spec(ECHO);

test('a bundle of the machine, under its own name, with what the user adds', async ({ write, invoke, folder }) => {
  write('spec.yaml', COLLECTS);
  const made = await invoke('collect', [
    'spec.yaml',
    '--archive',
    'b.tar.gz',
    '--metadata',
    'ticket=7=x',
    '--metadata',
    'b=me',
    '--metadata',
    'none=',
  ]);
  assert.equal([made.code, made.error], [0, '']);
  assert.match(made.stdout, 'b.tar.gz');
  const store = await readArchive(join(folder, 'b.tar.gz'));
  assert.is((await store.read('host-collectors/run-host/say.txt'))?.toString(), 'hello\n');
  assert.equal(JSON.parse((await store.read('metadata/user.json'))?.toString() ?? ''), {
    ticket: '7=x',
    b: 'me',
    none: '',
  });
  await store.close();
  for (const pair of ['=x', 'word'])
    assert.match((await invoke('collect', ['spec.yaml', '--metadata', pair])).error, '--metadata must be KEY=VALUE');
});

test('a name that is free, in the working directory', async ({ write, invoke, folder }) => {
  write('spec.yaml', COLLECTS);
  const bundles = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.tar.gz'));
  await invoke('collect', ['spec.yaml']);
  await invoke('collect', ['spec.yaml']);
  assert.is(bundles().length, 2);
  assert.ok(
    bundles().every((name) => /^support-bundle-.*\.tar\.gz$/.test(name)),
    bundles().join(),
  );
});

test('checks decide the code only where that is asked for', async ({ write, invoke }) => {
  const codes = async (outcome: string): Promise<number[]> => {
    write('spec.yaml', spec(ECHO + check(outcome)));
    const all = [];
    for (const argv of [[], ['--fail-on', 'fail'], ['--fail-on', 'warn']])
      all.push((await invoke('collect', ['spec.yaml', '--archive', 'b.tar.gz', ...argv])).code);
    return all;
  };
  assert.equal(await codes('pass'), [0, 0, 0]);
  assert.equal(await codes('warn'), [0, 0, 4]);
  assert.equal(await codes('fail'), [0, 3, 3]);
});

test('the forms of the result', async ({ write, invoke }) => {
  write('spec.yaml', spec(ECHO + check('fail')));
  const of = async (...argv: string[]): Promise<string> =>
    (await invoke('collect', ['spec.yaml', '--archive', 'b.tar.gz', ...argv])).stdout;
  const json = JSON.parse((await of('--output', 'json')).trim().split('\n').at(-1) ?? '') as { type: string };
  assert.match(json.type, /^collect/);
  assert.match(await of('--output', 'yaml'), /^checks:\n/);
  assert.match(await of('--output', 'junit'), /<testsuite name="collect" tests="1" failures="1" skipped="0"/);
  assert.match(
    (await invoke('collect', ['spec.yaml', '--output', 'xml'])).error,
    '--output must be text, json, yaml or junit',
  );
});

test('a plan writes nothing', async ({ write, invoke, folder }) => {
  write('spec.yaml', COLLECTS);
  const { code, stdout } = await invoke('collect', ['spec.yaml', '--dry-run']);
  assert.is(code, 0);
  assert.match(stdout, 'run/say');
  assert.not.ok(readdirSync(folder).some((name) => name.endsWith('.tar.gz')));
});

test('specs that are wrong: places of errors, warnings with --strict, and files without any', async ({
  write,
  invoke,
}) => {
  write('spec.yaml', spec('  hostCollectors: [{cpus: {}}, {run: {command: echo, args: []}}]\n'));
  const fine = await invoke('collect', ['spec.yaml', '--archive', 'b.tar.gz']);
  assert.equal([fine.code, fine.error], [0, '']);
  assert.match(fine.stderr + fine.stdout, 'unknown host collector "cpus"');
  const strict = await invoke('collect', ['spec.yaml', '--strict', '--dry-run']);
  assert.is(strict.code, 2);
  assert.match(strict.error, /spec\.yaml:5:\d+.*unknown host collector "cpus"/s);
  write('wrong.yaml', spec('  collectors: [{logs: {selector: text}}]\n'));
  assert.match((await invoke('collect', ['wrong.yaml', '--dry-run'])).error, '"selector" must be a list');
  write('other.yaml', 'kind: Pod\n');
  const none = await invoke('collect', ['other.yaml', '--dry-run']);
  assert.equal([none.code, /other\.yaml.*no document of troubleshoot\.sh is in it/s.test(none.error)], [2, true]);
  const nothing = await invoke('collect', ['--dry-run']);
  assert.match(nothing.error, /^collect needs a spec: .*or --load-cluster-specs$/);
  assert.not.match((await invoke('preflight', [])).error, 'load-cluster-specs');
});

test('values of templates, and Redactors of their own', async ({ write, invoke, folder }) => {
  write(
    'spec.yaml',
    spec('  hostCollectors: [{run: {collectorName: say, command: echo, args: ["{{ .Values.word }}"]}}]\n'),
  );
  write('redact.yaml', spec('  redactors: [{name: r, removals: {values: [topword]}}]\n', 'Redactor'));
  const argv = ['spec.yaml', '--archive', 'b.tar.gz', '--set', 'word=topword'];
  const text = async (): Promise<string | undefined> => {
    const store = await readArchive(join(folder, 'b.tar.gz'));
    const found = (await store.read('host-collectors/run-host/say.txt'))?.toString();
    await store.close();
    return found;
  };
  assert.is((await invoke('collect', argv)).code, 0);
  assert.is(await text(), 'topword\n');
  assert.is((await invoke('collect', [...argv, '--redactors', 'redact.yaml'])).code, 0);
  assert.is(await text(), '***HIDDEN***\n');
  write('none.yaml', COLLECTS);
  assert.match((await invoke('collect', [...argv, '--redactors', 'none.yaml'])).error, 'has no Redactor');
});

test('times and numbers of flags', async ({ write, invoke }) => {
  write('spec.yaml', COLLECTS);
  const error = async (...argv: string[]): Promise<string> =>
    (await invoke('collect', ['spec.yaml', '--dry-run', ...argv])).error;
  for (const value of ['0', '-1', 'x', '1.5'])
    assert.match(await error(`--concurrency=${value}`), '--concurrency must be a whole number from 1 on');
  assert.is(await error('--concurrency=1'), '');
  for (const value of ['0s', '5', 'soon'])
    assert.match(await error(`--timeout=${value}`), '--timeout must be a duration like 90s or 5m');
  assert.match(await error('--collector-timeout=x'), '--collector-timeout must be a duration');
  assert.is(await error('--timeout=1s', '--collector-timeout=1ms'), '');
});

test.run();
