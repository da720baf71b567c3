// Parallel blocks on real processes: order, limits, failures, and what branches see of each other's variables.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActionError } from '../../../../scripts/tasks/actions/action-errors.ts';
import { type World, createWorld, outcomes, refusal } from '../../world.ts';

const block = suite<World>('tasks: parallel');

block.before.each((context) => void Object.assign(context, createWorld()));
block.after.each((context) => context.close());

block('all at once, each output whole, in the order in which they started', async ({ run }) => {
  // Each waits for the file of the next one: one after another they would never end.
  const { stdout, error } = await run(`
tasks:
  - name: default
    actions:
      - parallel:
          - cmd: until test -e b; do sleep 0.01; done; echo a; touch a
          - cmd: until test -e c; do sleep 0.01; done; echo b; touch b
          - cmd: echo c; touch c; sleep 0.05; echo c again
        timeout: 20s
      - cmd: echo joined
`);
  assert.is(error, undefined);
  assert.is(stdout, 'a\nb\nc\nc again\njoined\n');
});

block('needs order the branches, and what a needed one set is seen', async ({ run }) => {
  const { stdout } = await run(`
tasks:
  - name: default
    actions:
      - parallel:
          - cmd: echo "got $V"
            needs: [second]
          - id: second
            needs: first
            cmd: echo "$V-two"
            setVariables: [{name: V}]
          - id: first
            cmd: echo one
            setVariables: [{name: V}]
      - cmd: echo "after $V"
`);
  assert.is(stdout, 'one\none-two\ngot one-two\nafter one-two\n');
});

const CONFLICT = (last: string): string => `
tasks:
  - name: default
    actions:
      - parallel:
          - {cmd: echo one, setVariables: [{name: V}]}
          - {cmd: echo two, setVariables: [{name: V}]}
          - {cmd: echo same, setVariables: [{name: W}]}
          - {cmd: echo same, setVariables: [{name: W}]}
      - cmd: ${last}
`;

block('a variable that branches set differently is refused where it is read, and only there', async ({ run }) => {
  assert.match((await run(CONFLICT('echo "$W [$(printenv V)]"'))).stdout, 'same []\n');
  for (const read of ['echo $V', 'echo "${V:-x}"', 'echo ${{ .variables.V }}']) {
    const { failures } = await run(CONFLICT(read));
    assert.is(failures.length, 1);
    assert.match(
      failures[0]?.message ?? '',
      'variable "V" was set to different values by actions that ran in parallel: "one" at tasks.yaml:6',
    );
    assert.is(failures[0]?.exitCode, 2);
  }
});

block('never more at once than the limit, nor than --jobs over all blocks', async ({ run, read }) => {
  const count = 'n=$(ls on | wc -l); echo $n >> seen; touch on/$$; sleep 0.05; rm on/$$';
  const text = `
tasks:
  - name: default
    actions:
      - cmd: mkdir -p on; rm -f seen
      - parallel:
          LIMIT
          actions:
            - {task: some}
            - {task: some}
            - {task: some}
  - name: some
    actions:
      - parallel:
          - cmd: ${count}
            for: [a, b, c]
`;
  await run(text.replace('LIMIT', ''), { jobs: 2 });
  assert.ok(Math.max(...read('seen').trim().split('\n').map(Number)) <= 1);
  const limited = text.replace('LIMIT', 'limit: 1');
  await run(limited);
  assert.is(read('seen').trim().split('\n').length, 9);
  assert.ok(Math.max(...read('seen').trim().split('\n').map(Number)) <= 2);
});

const FAILING = (failure: string): string => `
tasks:
  - name: default
    actions:
      - parallel:
          failure: ${failure}
          limit: 2
          actions:
            - {id: bad, cmd: "sleep 0.1; exit 9"}
            - {id: slow, cmd: "sleep 0.4; echo slow"}
            - {cmd: echo dependent, needs: [bad]}
            - {cmd: echo later}
      - cmd: echo never
`;

block('failure: finish lets running ones end and starts nothing more', async ({ run }) => {
  const { stdout, run: record, error } = await run(FAILING('finish'));
  assert.is(stdout, 'slow\n');
  assert.is((error as ActionError).exitCode, 9);
  assert.equal(outcomes(record), {
    'default: sleep 0.1; exit 9': 'failed',
    'default: sleep 0.4; echo slow': 'done',
    'default: echo dependent': 'skipped',
    'default: echo later': 'skipped',
  });
});

block('failure: continue runs all that does not need what failed', async ({ run }) => {
  const { stdout, error } = await run(FAILING('continue'));
  assert.is(stdout, 'slow\nlater\n');
  assert.is((error as ActionError).exitCode, 9);
});

block('failure: cancel ends the others, which count as given up, not as failed (go-task 2174)', async ({ run }) => {
  const other = `{cmd: "trap 'echo stopping >&2; exit 1' TERM; sleep 30 & wait"}`;
  const {
    stderr,
    failures,
    run: record,
  } = await run(`
tasks:
  - name: default
    actions:
      - parallel:
          failure: cancel
          actions: [${other}, ${other}, {cmd: "sleep 0.3; echo why >&2; exit 9"}, ${other}, ${other}]
`);
  assert.is(failures.length, 1);
  assert.is(failures[0]?.details.command, 'sleep 0.3; echo why >&2; exit 9');
  assert.equal(failures[0]?.details.lastLines, ['why']);
  assert.is(failures[0]?.exitCode, 9);
  assert.is(stderr.match(/stopping/g)?.length, 4);
  assert.is(Object.values(outcomes(record)).filter((outcome) => outcome === 'given-up').length, 4);
});

block('once: the same task with the same inputs runs once, and its failure reaches all', async ({ run, read }) => {
  const text = `
tasks:
  - name: default
    actions:
      - parallel:
          failure: continue
          actions:
            - {task: user}
            - {task: user}
            - {task: other}
  - name: user
    actions: [{task: shared, with: {x: "1"}}, {cmd: 'echo "user $V"'}]
  - name: other
    actions: [{task: shared, with: {x: "2"}}]
  - name: shared
    once: true
    inputs: {x: {default: "0"}}
    actions: [{cmd: 'echo "$INPUT_X" >> ran; END', setVariables: [{name: V}]}]
`;
  const { stdout } = await run(text.replace('END', 'echo v$INPUT_X'));
  assert.equal(read('ran').trim().split('\n').sort(), ['1', '2']);
  assert.is(stdout.match(/user v1/g)?.length, 2);
  const { failures } = await run(text.replace('END', 'exit 3'));
  assert.is(failures.length, 2);
});

block('for: a list, the words of a variable, a matrix', async ({ run }) => {
  const { stdout } = await run(`
variables: [{name: DIRS, default: "x y"}]
tasks:
  - name: default
    actions:
      - cmd: echo "\${{ .item }} $ITEM"
        for: [a, 1.10]
      - cmd: echo "\${{ .item }}"
        for: \${{ .variables.DIRS }}
      - cmd: echo "$ITEM_OS/\${{ .item.arch }}"
        for: {os: [linux, darwin], arch: [amd64, arm64]}
`);
  assert.is(stdout, 'a a\n1.10 1.10\nx\ny\nlinux/amd64\nlinux/arm64\ndarwin/amd64\ndarwin/arm64\n');
});

block('needs that do not exist, cycles, and misspelt policies are refused with their places', async ({ run }) => {
  const message = await refusal(
    run(`
tasks:
  - name: default
    actions:
      - parallel:
          failure: cancle
          actions:
            - {id: build, cmd: "true", needs: [bild]}
            - {id: a, cmd: "true", needs: [b]}
            - {id: b, cmd: "true", needs: [a]}
`),
  );
  assert.match(message, 'tasks.yaml:6:20: "failure" must be finish, cancel or continue; did you mean "cancel"?');
  assert.match(message, 'tasks.yaml:8:48: needs "bild", but no action of this list has that id; did you mean "build"?');
  assert.match(message, 'actions need each other in a cycle: a → b → a');
});

block('the critical path goes through the branch that a branch waited for under a limit', async ({ run }) => {
  const { run: record } = await run(`
tasks:
  - name: default
    actions:
      - parallel:
          limit: 1
          actions: [{description: a, cmd: sleep 0.05}, {description: b, cmd: sleep 0.05}, {description: c, cmd: "true"}]
`);
  assert.equal(record.criticalPath, ['default: a', 'default: b', 'default: c']);
});

block.run();
