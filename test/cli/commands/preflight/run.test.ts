// `hoist preflight` of a machine alone: what its checks say, in each form, and the code of the worst of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/preflight/run');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

const check = (outcome: string): string =>
  `    - textAnalyze: {checkName: ${outcome}, fileName: host-collectors/run-host/say.txt, regex: hello, outcomes: [{${outcome}: {when: "true", message: it is so}}]}\n`;
const spec = (...outcomes: string[]): string => `apiVersion: troubleshoot.sh/v1beta2
kind: HostPreflight
metadata: {name: p}
spec:
  collectors: [{run: {collectorName: say, command: echo, args: [hello]}}]
${outcomes.length === 0 ? '' : `  analyzers:\n${outcomes.map(check).join('')}`}`;

test('the worst check is the code', async ({ write, invoke }) => {
  const cases: [outcomes: string[], code: number][] = [
    [['pass'], 0],
    [['pass', 'warn'], 4],
    [['warn', 'fail'], 3],
  ];
  for (const [outcomes, code] of cases) {
    write('p.yaml', spec(...outcomes));
    const ran = await invoke('preflight', ['p.yaml']);
    assert.equal([ran.code, ran.error], [code, ''], outcomes.join());
    assert.match(ran.stdout, new RegExp(`${outcomes.length} checks? in .*: `));
    for (const outcome of outcomes) assert.match(ran.stdout, `${outcome}: it is so`);
  }
});

test('quiet shows what fails alone; JSON and JUnit are for programs', async ({ write, invoke }) => {
  write('p.yaml', spec('pass', 'fail'));
  const quiet = await invoke('preflight', ['p.yaml', '--quiet']);
  assert.match(quiet.stdout, 'fail: it is so');
  assert.not.match(quiet.stdout, 'pass: it is so');
  assert.match(quiet.stdout, '1 passed, 0 warned, 1 failed');
  const json = JSON.parse(
    (await invoke('preflight', ['p.yaml', '--output', 'json'])).stdout.trim().split('\n').at(-1) ?? '',
  ) as Record<string, object[]>;
  assert.equal(
    [json['type'], json['pass']?.length, json['warn'], json['fail']?.length, json['collectors']],
    ['preflight', 1, [], 1, []],
  );
  assert.match(
    (await invoke('preflight', ['p.yaml', '--output', 'junit'])).stdout,
    '<testsuite name="preflight" tests="2" failures="1"',
  );
});

test('a spec without checks is refused, a plan runs nothing', async ({ write, invoke }) => {
  write('p.yaml', spec());
  assert.match((await invoke('preflight', ['p.yaml'])).error, 'has no analyzers: there is nothing to check');
  write('p.yaml', spec('fail'));
  const plan = await invoke('preflight', ['p.yaml', '--dry-run']);
  assert.equal([plan.code, plan.error], [0, '']);
  assert.match(plan.stdout, 'run/say');
});

test.run();
