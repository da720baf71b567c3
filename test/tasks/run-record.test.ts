import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RUNS_FILE } from '../../scripts/records/log.ts';
import { recordRun, usualRun } from '../../scripts/tasks/run-record.ts';
import type { Prepared, RunTasksOptions } from '../../scripts/tasks/run-tasks.ts';
import { type World, createWorld } from './world.ts';

const records = suite<World>('tasks: records');

records.before.each((context) => void Object.assign(context, createWorld()));
records.after.each((context) => context.close());

const FILE = `
includes: [{lib: lib.yaml}]
tasks:
  - {name: a, actions: [{cmd: "true"}]}
  - {name: b, actions: [{cmd: "true"}, {task: "lib:c"}]}
  - {name: built, sources: [lib.yaml], actions: [{cmd: "true"}]}
`;

records(
  'the usual time is that of the same tasks, in the same order, of the same texts',
  async ({ run, write, folder }) => {
    const logDir = join(folder, 'logs');
    write('lib.yaml', 'tasks: [{name: c, actions: [{cmd: "true"}]}]');
    /** Runs tasks, and says of how many earlier runs their usual time was. */
    const again = async (tasks: string[], options: Partial<RunTasksOptions> = {}): Promise<number> => {
      const given: { prepared?: Prepared; all?: RunTasksOptions } = {};
      const onPrepared = (prepared: Prepared, all: RunTasksOptions): void =>
        void Object.assign(given, { prepared, all });
      const result = await run(FILE, { tasks, ...options, onPrepared });
      const { prepared, all } = given;
      if (!prepared || !all) throw new Error('nothing was run');
      const usual = await usualRun(prepared, all, logDir);
      await recordRun(prepared, result, all, { logDir, startedAt: new Date(), label: undefined });
      return usual?.runs ?? 0;
    };
    assert.is(await again(['a']), 0);
    assert.is(await again(['a']), 1);
    assert.is(await again(['b']), 0);
    assert.is(await again(['a', 'b']), 0);
    assert.is(await again(['b', 'a']), 0);
    assert.is(await again(['a', 'b'], { parallel: true }), 0);
    assert.is(await again(['a', 'b']), 1);
    assert.is(await again(['a']), 2);
    // What a task passes over is no measure of it.
    assert.is(await again(['built']), 0);
    assert.is(await again(['built']), 1);
    assert.is(await again(['built']), 1);
    assert.is(await again(['built'], { force: true }), 1);
    write('lib.yaml', 'tasks: [{name: c, actions: [{cmd: "exit 0"}]}]');
    assert.is(await again(['b']), 0);
    assert.is(await again(['a']), 3);
  },
);

records('what a run failed with is in its record, and nothing where it did not', async ({ run, folder }) => {
  const logDir = join(folder, 'logs');
  const file = 'tasks: [{name: good, actions: [{cmd: "true"}]}, {name: bad, actions: [{cmd: "exit 3"}]}]';
  for (const task of ['good', 'bad']) {
    const given: { prepared?: Prepared; all?: RunTasksOptions } = {};
    const onPrepared = (prepared: Prepared, all: RunTasksOptions): void => void Object.assign(given, { prepared, all });
    const result = await run(file, { tasks: [task], onPrepared });
    const { prepared, all } = given;
    if (!prepared || !all) throw new Error('nothing was run');
    await recordRun(prepared, result, all, { logDir, startedAt: new Date(), label: undefined });
  }
  const lines = readFileSync(join(logDir, RUNS_FILE), 'utf8').trim().split('\n');
  const [good, bad] = lines.map((line) => JSON.parse(line) as { outcome: string; exitCode: number; error?: string });
  assert.equal([good?.outcome, good?.exitCode, good?.error], ['done', 0, undefined]);
  assert.is(bad?.outcome, 'failed');
  assert.ok((bad?.exitCode ?? 0) > 0);
  assert.is(bad?.error, 'ended with code 3');
});

records.run();
