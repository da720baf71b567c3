import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expectedActions } from '../../../scripts/tasks/plan/expected.ts';
import { createWorld } from '../world.ts';

const expected = suite('tasks: expected actions');

const FILE = `
tasks:
  - name: default
    actions:
      - cmd: "true"
      - task: build
      - task: build
      - task: once
      - task: once
      - parallel: [{cmd: "true", for: {a: [x, y], b: [1, 2, 3]}}, {cmd: "true", if: failure()}]
      - description: nothing to do
    finally: [{cmd: "true"}]
  - name: build
    actions: [{cmd: "true"}, {cmd: "true", for: [a, b, c]}]
  - name: once
    once: true
    actions: [{cmd: "true"}]
  - name: loop
    actions: [{cmd: "true"}, {task: loop, if: 'false'}]
`;

expected('calls, loops and clean-up count, and what runs once does so once', async () => {
  const { run, close } = createWorld();
  let counted = 0;
  const { run: record } = await run(FILE, { onPrepared: (prepared) => void (counted = expectedActions(prepared)) });
  assert.is(counted, 1 + 4 + 4 + 1 + 6 + 1);
  assert.is(record.steps.length, counted);
  await run(FILE, { tasks: ['loop'], onPrepared: (prepared) => void (counted = expectedActions(prepared)) });
  assert.is(counted, 1);
  close();
});

expected.run();
