// Commands before and after a run: their order, what they are given, and what becomes of the run when they fail.

import { readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../../scripts/engine/errors.ts';
import { InterruptedError } from '../../../scripts/base/errors.ts';
import { groupLives } from '../../../scripts/host/group.ts';
import { type Bench, createBench, written } from './workbench.ts';

const hooks = suite<{ bench: Bench }>('hooks', { bench: undefined as unknown as Bench });

hooks.before.each((context) => {
  context.bench = createBench();
});
hooks.after.each(({ bench }) => bench.close());

hooks('commands run one after another, before the first step and after the last one', async ({ bench }) => {
  bench.write('steps/mine.ts', 'export default { needs: [], run() {} };\n');
  const { order, lines, error } = await bench.play({
    hooks: {
      before: ['sleep 0.1; echo "it\'s $KUBECONFIG" | tr a-z A-Z', 'echo `pwd` ${KUBECONFIG}'],
      after: ['sleep 0.1; echo three', 'echo four'],
    },
  });
  assert.is(error, undefined);
  assert.equal(lines['hooks/before/1'], ["IT'S /THE/KUBECONFIG"]);
  assert.equal(lines['hooks/before/2'], [`${bench.folder} /the/kubeconfig`]);
  assert.equal([lines['hooks/after/1'], lines['hooks/after/2']], [['three'], ['four']]);
  assert.equal(order.slice(0, 4), [
    'started hooks/before/1',
    'ended hooks/before/1',
    'started hooks/before/2',
    'ended hooks/before/2',
  ]);
  assert.equal(order.slice(-4), [
    'started hooks/after/1',
    'ended hooks/after/1',
    'started hooks/after/2',
    'ended hooks/after/2',
  ]);
  assert.equal(order.slice(4, -4).sort(), [
    'ended api',
    'ended kubeconfig',
    'ended steps/mine',
    'started api',
    'started kubeconfig',
    'started steps/mine',
  ]);
});

hooks('those after the run also wait for optional steps, and do not mind that these fail', async ({ bench }) => {
  const log = `${bench.folder}/log`;
  writeFileSync(log, '');
  bench.write(
    'steps/slow.ts',
    `export default { optional: true, async run({ $ }) { await $\`sleep 0.2; echo slow >> ${log}; exit 1\`; } };\n`,
  );
  bench.write('steps/skipped.ts', `export default { optional: true, needs: ['steps/slow'], run() {} };\n`);
  const { error, run } = await bench.play({ hooks: { after: [`echo after >> ${log}`] } });
  assert.is(error, undefined);
  assert.is(readFileSync(log, 'utf8'), 'slow\nafter\n');
  const outcomes = Object.fromEntries(run.steps.map((s) => [s.name, s.outcome]));
  assert.equal(
    [outcomes['steps/slow'], outcomes['steps/skipped'], outcomes['hooks/after/1']],
    ['warned', 'skipped', 'done'],
  );
});

hooks('one that fails before the run keeps all of it from starting', async ({ bench }) => {
  const { error, run } = await bench.play({
    hooks: { before: ['true', 'echo no docker >&2; exit 7', 'true'], after: ['true'] },
  });
  assert.instance(error, StepsFailedError);
  assert.is((error as StepsFailedError).errors[0]?.message, 'hooks.before.1: a command ended with code 7: no docker');
  assert.is((error as StepsFailedError).exitCode, 6);
  const started = run.steps.filter((s) => s.startedMs !== undefined).map((s) => s.name);
  assert.equal(started, ['hooks/before/1', 'hooks/before/2']);
});

hooks('those after the run do not run where it failed', async ({ bench }) => {
  bench.write('steps/bad.ts', 'export default { run() { throw new Error("no"); } };\n');
  const { run } = await bench.play({ hooks: { after: ['true'] } });
  assert.is(run.steps.find((s) => s.name === 'hooks/after/1')?.outcome, 'skipped');
});

hooks('what a command of a pipe fails with is not swallowed, and its input is empty', async ({ bench }) => {
  const { error, lines } = await bench.play({ hooks: { before: ['cat; echo read'], after: ['false | true'] } });
  assert.equal(lines['hooks/before/1'], ['read']);
  assert.match((error as Error).message, 'hooks.after.0: a command ended with code 1');
});

hooks('a cancelled one ends with all that it has started', async ({ bench }) => {
  const pids = `${bench.folder}/pids`;
  const abort = new AbortController();
  const played = bench.play({
    hooks: { before: [`echo $$ > ${pids}; sleep 300 | sleep 300`] },
    run: { signal: abort.signal },
  });
  const leader = Number(await written(pids));
  assert.ok(groupLives(leader));
  abort.abort(new InterruptedError('SIGINT'));
  assert.instance((await played).error, InterruptedError);
  assert.not.ok(groupLives(leader));
});

hooks('without hooks the steps are as they were', async ({ bench }) => {
  const { run } = await bench.play();
  assert.equal(
    run.steps.map((s) => s.name),
    ['api', 'kubeconfig'],
  );
});

hooks.run();
