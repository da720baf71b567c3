// Clusters that are made only to be measured: their names, how often, what is written of each, and that each goes again.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HoistError, UsageError } from '../../../../scripts/base/errors.ts';
import { StepsFailedError } from '../../../../scripts/engine/errors.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import { runMeasured } from '../../../../scripts/cli/commands/up/measured.ts';
import { withKubeServer } from '../../../doubles/kube-server.ts';
import { thrown } from '../../../kube/helpers.ts';
import { healthy, type Wired, wired } from '../../../cluster/wiring.ts';

const test = suite<Wired>('cli/commands/up/measured');
wired(test);

const SETTINGS = 'provider: embedded\nnamespaces: []\nagents: 1\n';

interface Given {
  repeat?: string;
  sweep?: string[];
  save?: boolean;
  label?: string;
  config?: string;
  output?: 'text' | 'json';
  quiet?: boolean;
  settings?: string;
}

async function measured(context: Wired, given: Given): Promise<{ out: string; err: string }> {
  const { repeat, sweep = [], save = false, label, output = 'text', quiet = false } = given;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdout, stderr, signal: new AbortController().signal } as unknown as Io;
  const config = context.write('cluster.yaml', `${given.settings ?? SETTINGS}logDir: ${context.folder}/logs\n`);
  const flags = { repeat, sweep, save, label, config: given.config } as never;
  const request = { config, flags: {} };
  try {
    await runMeasured({ flags, settings: {}, operands: [] }, io, {
      output: { output, quiet } as never,
      context: context.wiring,
      request,
    });
  } finally {
    stdout.end();
    stderr.end();
  }
  return { out: await text(stdout), err: await text(stderr) };
}

/** With a cluster whose API is healthy. */
const made = (context: Wired, given: Given, check: (said: { out: string; err: string }) => void): Promise<void> =>
  withKubeServer(healthy, async ({ connection }) => {
    context.connection = connection;
    check(await measured(context, given));
  });

test('a cluster of its own name is made as often as asked, and removed before and after each time', (context) =>
  made(context, { repeat: '2', label: 'mine' }, ({ out, err }) => {
    const once = ['remove dev-measure', 'prepare dev-measure', 'remove dev-measure'];
    assert.equal(context.asked, [...once, ...once]);
    assert.match(err, /^run 1\/2 {2}[\d.]+ m?s\nrun 2\/2 {2}[\d.]+ m?s\n$/);
    assert.match(out, /^phase {19}runs {6}median {9}MAD\nCommand Exec {15}2 /);
    assert.match(out, /^API Server Answering {7}2 /m);
    const widths = new Set(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.length),
    );
    assert.equal([...widths], [52], 'the columns are aligned');
    const log = readFileSync(join(context.folder, 'logs/runs.jsonl'), 'utf8');
    assert.is(log.match(/mine/g)?.length, 2);
    assert.match(log, 'absent');
  }));

test('the values of a sweep take turns, each named in its lines and in the record', (context) =>
  made(context, { repeat: '2', sweep: ['agents=1,2'] }, ({ out, err }) => {
    const lines = err.split('\n').map((line) => line.replace(/ {2}[\d.]+ m?s$/, ''));
    const turns = ['1', '2', '1', '2'].map((value, i) => `run ${i + 1}/4  agents=${value}`);
    assert.equal(lines, [...turns, '']);
    assert.match(out, /\n\nagents {8}runs .*\n1 {16}2 .*\n2 {16}2 /);
    assert.match(out, 'a verdict needs');
    assert.match(readFileSync(join(context.folder, 'logs/runs.jsonl'), 'utf8'), 'agents=2');
  }));

test('as JSON a line for each run, and one of the figures; a sweep runs five times unless it is said', (context) =>
  made(context, { sweep: ['agents=1,2'], output: 'json' }, ({ out, err }) => {
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.is(err, '');
    assert.equal(lines.map(({ type, run, of, setting, value }) => [type, run, of, setting, value]).slice(-3), [
      ['measurement', 9, 10, 'agents', '1'],
      ['measurement', 10, 10, 'agents', '2'],
      ['measured', undefined, undefined, undefined, undefined],
    ]);
    const { phases, rankings } = lines.at(-1) as { phases: object[]; rankings: { setting: string }[] };
    const command = phases.find((one) => 'phase' in one && one.phase === 'Command Exec') as { n: number };
    assert.equal([command.n, rankings.map(({ setting }) => setting)], [10, ['agents']]);
  }));

test('quiet, only the figures are written; winners go into the file that is named', (context) => {
  const config = context.write('mine.yaml', 'agents: 1\n');
  return made(context, { sweep: ['agents=1,2'], repeat: '1', save: true, config }, ({ err }) => {
    assert.match(err, `0 of 1 settings written to ${config}\n`);
    assert.is(readFileSync(config, 'utf8'), 'agents: 1\n');
  });
});

test('quiet', (context) =>
  made(context, { quiet: true, save: true, config: context.write('mine.yaml', '') }, ({ out, err }) => {
    assert.equal([err, out.split('\n')[0]?.slice(0, 5)], ['', 'phase']);
  }));

test('a run that fails ends them, and its cluster goes all the same', async (context) => {
  await thrown(StepsFailedError, measured(context, { repeat: '3' }));
  assert.equal(context.asked, ['remove dev-measure', 'prepare dev-measure', 'remove dev-measure']);
});

test('what cannot be measured is refused before anything is made', async (context) => {
  const refused = async (given: Given): Promise<string> => (await thrown(HoistError, measured(context, given))).message;
  for (const repeat of ['0', '-1', '1.5', 'x', ''])
    assert.is(await refused({ repeat }), `--repeat must be a whole number of at least 1, not "${repeat}"`);
  assert.match(await refused({ save: true }), '--save writes the winners into the file that --config names');
  assert.match(await refused({ sweep: ['agents=1'] }), 'at least two values are needed');
  assert.equal(context.asked, []);
});

test('the name of the cluster is that of the settings, as far as there is room', async (context) => {
  context.wiring.env = { ...context.wiring.env, CLUSTER_NAME: 'a-name-of-twenty-six-chars' };
  await thrown(StepsFailedError, measured(context, {}));
  assert.is(context.asked[0], 'remove a-name-of-twenty-six-cha-measure');
});

test('a cluster that exists already cannot be made', async (context) => {
  const kubeconfig = context.write(
    'kubeconfig',
    'apiVersion: v1\nkind: Config\ncontexts: [{ name: c, context: { cluster: c, user: u } }]\nclusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]\nusers: [{ name: u, user: {} }]\n',
  );
  const settings = `provider: existing\ncontext: c\nkubeconfig: ${kubeconfig}\nnamespaces: []\n`;
  const { message } = await thrown(UsageError, measured(context, { settings }));
  assert.is(message, 'a cluster that exists already cannot be made again and again');
  assert.equal(context.asked, []);
});

test.run();
