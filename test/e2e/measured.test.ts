// `up --repeat` and `up --sweep` on real clusters.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SMALL, type World, createWorld } from './hoist.ts';

const measured = suite<{ world: World }>('up: measured', { world: undefined as unknown as World });

measured.before((context) => {
  context.world = createWorld();
  context.world.write('config/cluster.yaml', SMALL);
});
measured.after(({ world }) => world.close());

measured('each value of a sweep is measured in turn, recorded, and its cluster removed', async ({ world }) => {
  const args = ['up', '--sweep', 'agents=1,2', '--repeat', '2', '--output', 'json'];
  const { code, stdout, stderr } = await world.hoist(args);
  assert.is(code, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; setting?: string; value?: string; phases: unknown });
  assert.equal(
    lines.map((line) => [line.type, line.value]),
    [
      ['measurement', '1'],
      ['measurement', '2'],
      ['measurement', '1'],
      ['measurement', '2'],
      ['measured', undefined],
    ],
  );
  const { phases, rankings } = lines.at(-1) as unknown as {
    phases: { phase: string; n: number }[];
    rankings: { setting: string; values: { value: string; figures: { n: number } }[] }[];
  };
  assert.equal(
    phases.map((p) => [p.phase, p.n]),
    [
      ['Command Exec', 4],
      ['API Server Answering', 4],
    ],
  );
  assert.equal(
    rankings.map((r) => [r.setting, r.values.map((v) => [v.value, v.figures.n])]),
    [
      [
        'agents',
        [
          ['1', 2],
          ['2', 2],
        ],
      ],
    ],
  );
  const records = world.read('logs/runs.jsonl').trim().split('\n');
  assert.is(records.length, 4);
  assert.ok(records.every((line) => line.includes('"API Server Answering"')));
  assert.equal(world.processes(), []);
});

measured('what cannot be measured is said before anything is made', async ({ world }) => {
  const refusals: [args: string[], message: string][] = [
    [['--repeat', '0'], '--repeat must be a whole number of at least 1, not "0"'],
    [['--sweep', 'agnets=1,2'], 'did you mean "agents"?'],
    [['--sweep', 'agents=1,2', '--save'], '--save writes the winners into the file that --config names'],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await world.hoist(['up', ...args]);
    assert.is(code, 2);
    assert.match(stderr, message);
  }
  assert.equal(world.processes(), []);
});

measured.run();
