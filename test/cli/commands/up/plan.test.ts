// What `up --plan` prints of a plan: settings and values with their sources, the situation, steps, and what is only implied.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepare } from '../../../../scripts/cluster/prepare-cluster.ts';
import { showPlan } from '../../../../scripts/cli/commands/up/view.ts';
import { type Wired, wired } from '../../../cluster/wiring.ts';

const test = suite<Wired>('cli/commands/up/view');
wired(test);

async function shown(context: Wired, more = '', output: 'text' | 'json' = 'text'): Promise<string> {
  const config = context.write('cluster.yaml', `name: dev\nprovider: embedded\nnamespaces: []\nagents: 1\n${more}`);
  return showPlan(
    await prepare({ config, flags: {} }, context.wiring, { run: false }),
    { output, from: undefined },
    context.wiring,
  );
}
const section = (text: string, title: string): string[] =>
  (text.split(`\n${title}\n`)[1]?.split('\n\n')[0] ?? '').split('\n').filter(Boolean);

test('what was found is said in a sentence', async (context) => {
  const table: [Wired['situation'], string][] = [
    [{ kind: 'absent' }, 'there is no such cluster yet'],
    [{ kind: 'same' }, 'it runs as planned'],
    [{ kind: 'damaged', reasons: ['a', 'b'] }, 'it is to be healed: a, b'],
    [
      { kind: 'different', differences: [{ what: 'nodes', have: '1', want: '2' }] },
      'it differs, --recreate would replace it: nodes',
    ],
  ];
  for (const [situation, said] of table) {
    context.situation = situation;
    assert.match(await shown(context), `\nSituation: ${said}\n`);
  }
  context.unknown = 'no engine';
  assert.match(await shown(context), '\nSituation: not known: no engine\n');
});

test('settings, values and commands stand in columns, with their sources; what is empty is left out', async (context) => {
  context.description = {
    title: 'Of the provider',
    values: [{ name: 'a', value: '1', source: 's' }],
    commands: ['make it'],
  };
  const text = await shown(context, 'secrets: []\n');
  const settings = section(text, 'Settings');
  assert.match(settings.find((row) => row.trim().startsWith('agents')) ?? '', /^ {2}agents +1 +\S*cluster\.yaml:4/);
  assert.is(
    settings.some((row) => row.includes('secrets')),
    false,
  );
  assert.equal(section(text, 'Of the provider'), ['  a  1  s']);
  assert.equal(section(text, 'Commands'), ['  make it']);
  assert.match(section(text, 'Nodes')[0] ?? '', /^ {2}\S+ +(?:server|control-plane|agent) +[\d.]+ CPUs, \d/);
  assert.match(text, /^Provider: embedded \(.+\)$/m);
  context.description = { title: 'None', values: [], commands: [] };
  assert.not.match(await shown(context), /Commands/);
});

test('columns are no wider than 36 cells, and nothing stands behind the last one', async (context) => {
  const long = 'x'.repeat(50);
  context.description = {
    title: 'Wide',
    values: [
      { name: long, value: 'v', source: '' },
      { name: 'n', value: long, source: 's' },
    ],
    commands: [],
  };
  assert.equal(section(await shown(context), 'Wide'), [`  ${long}  v`, `  ${'n'.padEnd(36)}  ${long}  s`]);
});

test('steps with what they need; as JSON, too, with what is not known', async (context) => {
  context.unknown = 'no engine';
  const text = await shown(context);
  assert.match(text, /\n {2}api\n {2}[├└]─ /);
  const plan = JSON.parse(await shown(context, '', 'json')) as Record<string, unknown>;
  assert.equal(
    [plan['type'], plan['situation'], plan['notLoaded']],
    ['plan', { kind: 'unknown', why: 'no engine' }, []],
  );
  const steps = plan['steps'] as { name: string; needs: string[]; optional: boolean }[];
  assert.equal(
    steps
      .filter(({ name }) => ['api', 'kubeconfig/merge'].includes(name))
      .map(({ name, needs, optional }) => [name, needs, optional]),
    [
      ['api', [], false],
      ['kubeconfig/merge', ['kubeconfig'], true],
    ],
  );
  context.unknown = undefined;
  const known = JSON.parse(await shown(context, '', 'json')) as Record<string, unknown>;
  assert.equal(known['situation'], { kind: 'absent' });
});

test('own steps are named by their files, and what needs one within a file needs the file', async (context) => {
  context.write('steps/mine.ts', 'export default { name: "mine", run() {} };\n');
  const text = await shown(context, 'steps: steps\n');
  assert.match(text, /\nYour own steps, named by their files; [^\n]+\n {2}\S*mine\.ts\n$/);
});

test.run();
