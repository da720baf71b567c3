import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mermaid } from '../../../scripts/tasks/plan/graph.ts';
import { check } from '../program.ts';

const graph = suite('tasks: graph');

graph('calls, those on a condition, those in parallel, in blocks within blocks', async () => {
  const { tasks, reached } = await check(`
tasks:
  - name: default
    actions:
      - task: a
      - task: a
      - {task: "b<1>", if: "true"}
      - parallel: [{parallel: [{task: a}]}, {cmd: "true"}]
    finally: [{task: c}, {parallel: [{task: c}]}]
  - {name: a, actions: [{parallel: [{task: c}]}, {task: c}]}
  - {name: "b<1>"}
  - {name: c}
`);
  assert.is(
    mermaid(tasks, reached, ({ name }) => `"${name}"`),
    `flowchart TD
  t0(["#34;default#34;"])
  t1["#34;a#34;"]
  t2["#34;c#34;"]
  t3["#34;b#60;1#62;#34;"]
  t0 --> t1
  t0 -.-> t3
  t0 -->|parallel| t1
  t0 --> t2
  t0 -->|parallel| t2
  t1 -->|parallel| t2
  t1 --> t2
`,
  );
});

graph.run();
