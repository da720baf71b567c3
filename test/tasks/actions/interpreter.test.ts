// How actions follow each other: status functions, finally, calls, inputs, time limits, attempts, what is shown of failures.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InterruptedError } from '../../../scripts/base/errors.ts';
import type { RunTasksOptions } from '../../../scripts/tasks/run-tasks.ts';
import { pretend } from '../pretend.ts';
import { type Ran, type World, createWorld, outcomes } from '../world.ts';

const interpreter = suite<World>('tasks: interpreter');

interpreter.before.each((context) => void Object.assign(context, createWorld()));
interpreter.after.each((context) => context.close());

/** The actions of a task `default`, in YAML's flow style. */
async function runActions(
  { run }: World,
  actions: string,
  { rest = '', ...options }: Partial<RunTasksOptions> & { rest?: string } = {},
): Promise<Ran & { ran: string[] }> {
  const { start, ran } = pretend();
  const text = `tasks:\n  - name: default\n    actions: [${actions}]\n${rest}`;
  return { ...(await run(text, { start, ...options })), ran };
}

const STATUS = `{cmd: say always, if: always()}, {cmd: say failure, if: " failure() "}, {cmd: say cancelled, if: cancelled()}`;

interpreter('status functions run for their state alone, in a list and after a block', async (world) => {
  const cases: [actions: string, stdout: string, failed: boolean][] = [
    [`{cmd: say a}, ${STATUS}, {cmd: say b}`, 'a\nalways\nb\n', false],
    [`{cmd: fail 3}, ${STATUS}, {cmd: say b}`, 'always\nfailure\n', true],
    [`{parallel: [{cmd: say a}, ${STATUS}]}, {cmd: say b}`, 'a\nalways\nb\n', false],
    [`{parallel: [{cmd: fail 3}, ${STATUS}]}, {cmd: say b}`, 'always\nfailure\n', true],
  ];
  for (const [actions, stdout, failed] of cases) {
    const result = await runActions(world, actions);
    assert.is(result.stdout, stdout, actions);
    assert.is(result.error !== undefined, failed, actions);
  }
});

interpreter('an interruption is a cancellation: what asks for it runs, and finally', async (world) => {
  for (const actions of [`{cmd: hang}, ${STATUS}`, `{parallel: [{cmd: hang}, ${STATUS}]}`]) {
    const stop = new AbortController();
    const rest = '    finally: [{cmd: say finally}]\n';
    const onEvent = ({ type }: { type: string }): void => {
      if (type === 'step-started') setImmediate(() => stop.abort(new InterruptedError('SIGTERM')));
    };
    const result = await runActions(world, actions, { rest, signal: stop.signal, subscribers: [onEvent] });
    assert.is(result.stdout, 'always\ncancelled\nfinally\n', actions);
    assert.instance(result.error, InterruptedError);
    assert.is(result.run.outcome, 'cancelled');
    assert.is(outcomes(result.run)['default: hang'], 'cancelled');
    assert.equal(result.failures, []);
  }
});

interpreter('the first failure counts, also where those that follow fail too', async (world) => {
  const rest = '    finally: [{cmd: fail 5}]\n';
  const codes = async (actions: string): Promise<unknown> =>
    ((await runActions(world, actions, { rest })).error as { exitCode: number }).exitCode;
  assert.is(await codes('{cmd: fail 3}, {cmd: fail 4, if: always()}'), 3);
  assert.is(await codes('{parallel: [{cmd: fail 3}, {cmd: fail 4, if: always()}]}'), 3);
  assert.is(await codes('{parallel: [{cmd: say a}, {cmd: fail 4, if: always()}]}'), 4);
  assert.is(await codes('{cmd: say a}'), 5);
});

interpreter('steps follow those that ended before them, through calls, blocks and finally', async (world) => {
  const rest = `    finally: [{cmd: say end}]
  - {name: inner, actions: [{cmd: say in}], finally: [{cmd: say out}]}
  - {name: many, actions: [{task: inner, timeout: 1h}, {parallel: [{cmd: say p}, {cmd: say q, if: always()}]}]}\n`;
  const { run } = await runActions(world, '{cmd: say a}, {task: many}, {cmd: say b}', { rest });
  assert.equal(
    run.steps.map(({ name, needs }) => [name, ...needs].join(' < ')),
    [
      'default: say a',
      'inner: say in < default: say a',
      'inner: say out < inner: say in',
      'many: say p < inner: say out',
      'many: say q < many: say p',
      'default: say b < many: say p',
      'default: say end < default: say b',
    ],
  );
});

interpreter(
  'several tasks run one after another, or in parallel, where the others still run to their end',
  async (world) => {
    const rest = '  - {name: bad, actions: [{cmd: fail 3}]}\n  - {name: good, actions: [{cmd: say good}]}\n';
    const tasks = ['bad', 'good'];
    assert.equal((await runActions(world, '', { rest, tasks })).ran, ['fail 3']);
    assert.equal((await runActions(world, '', { rest, tasks, parallel: true })).ran, ['fail 3', 'say good']);
  },
);

interpreter('a task that runs once does so whatever the order of its inputs, and again for others', async (world) => {
  const rest = `  - {name: one, once: true, inputs: {a: {description: a}, b: {description: b}}, actions: [{cmd: "say $INPUT_A$INPUT_B"}]}
  - {name: two, inputs: {a: {description: a}}, actions: [{cmd: "say two"}]}\n`;
  const { ran, stdout } = await runActions(
    world,
    '{task: one, with: {a: 1, b: 2}}, {task: one, with: {b: 2, a: 1}}, {task: one, with: {b: 1, a: 2}}, {task: two}, {task: two}, {task: two, once: true}, {task: two, once: true}',
    { rest },
  );
  assert.is(stdout, '12\n21\ntwo\ntwo\ntwo\n');
  assert.is(ran.length, 5);
  const cycle = await runActions(world, '{task: one}', {
    rest: '  - {name: one, once: true, actions: [{task: one, if: "true"}]}\n',
  });
  assert.match(cycle.failures[0]?.message ?? '', 'would wait for itself');
});

interpreter('inputs: missing ones are refused when their value is known, others are warned about', async (world) => {
  const rest = `  - name: show
    inputs: {zone: {required: true}, old: {deprecatedMessage: use zone}, plain: {description: x}}
    actions: [{cmd: say $INPUT_ZONE}]\n`;
  const missing = await runActions(world, '{task: show, with: {zone: "${Z}"}}', {
    rest: `${rest}variables: [{name: Z}]\n`,
  });
  assert.match(missing.failures[0]?.message ?? '', 'task show is missing required inputs: zone');
  assert.is(missing.failures[0]?.exitCode, 2);
  assert.match(missing.failures[0]?.path ?? '', /^tasks\.yaml:3:\d+ ← default/);
  const warned = await runActions(world, '{task: show, with: {zone: eu, old: x, plan: y, plain: z}}', { rest });
  assert.is(warned.stdout, 'eu\n');
  assert.match(warned.stderr, 'warning: input "old" of task "show" is deprecated: use zone\n');
  assert.match(warned.stderr, 'warning: task "show" has no input "plan"; did you mean "plain"?\n');
  assert.is(warned.stderr.match(/warning/g)?.length, 2);
  const dry = await runActions(world, '{task: show, with: {zone: "${Z}"}}', {
    rest: `${rest}variables: [{name: Z}]\n`,
    dryRun: true,
  });
  assert.is(dry.error, undefined);
});

interpreter('an envPath gives variables to the task and to what it calls; its faults are reported', async (world) => {
  world.write('a.env', 'GREETING=hello\nnot a line\n');
  const rest = '    envPath: a.env\n  - {name: inner, actions: [{cmd: say inner $GREETING}]}\n';
  const { stdout, stderr } = await runActions(world, '{cmd: say $GREETING}, {task: inner}', { rest });
  assert.is(stdout, 'hello\ninner hello\n');
  assert.match(stderr, /warning: a\.env:2/);
  const gone = await runActions(world, '{cmd: say a}', { rest: '    envPath: none.env\n' });
  assert.match((gone.error as Error).message, /tasks\.yaml:4:14: envPath cannot be read: /);
  assert.equal(gone.ran, []);
});

interpreter('a condition that only a run can judge is taken for true in a dry run', async (world) => {
  const actions = `{cmd: say x, setVariables: [{name: X}]}, {cmd: say if, if: '\${{ eq .variables.X "1" }}'}, {cmd: say no, if: "false"}`;
  assert.equal((await runActions(world, actions)).stdout, 'x\n');
  const dry = await runActions(world, actions, { dryRun: true });
  assert.is(dry.stdout, 'say x\nsay if\n');
  assert.equal(dry.ran, []);
  assert.is(outcomes(dry.run)['default: say no'], 'skipped');
});

interpreter(
  'a dry run shows a task that calls itself three times at most, a block and a call as what they run',
  async (world) => {
    const rest = '  - {name: again, actions: [{cmd: say again}, {task: again, if: "true"}]}\n';
    const { stdout } = await runActions(world, '{task: again}, {parallel: [{cmd: say p}]}, {description: nothing}', {
      rest,
      dryRun: true,
    });
    assert.is(stdout, 'say again\nsay again\nsay again\nsay p\n');
  },
);

interpreter('calls without an end are refused at 2048 levels', async (world) => {
  const { failures } = await runActions(world, '{task: default, if: "true"}');
  assert.is(failures.length, 1);
  assert.match(failures[0]?.message ?? '', 'tasks call each other more than 2048 levels deep');
  assert.is(failures[0]?.details.calls.length, 20);
});

interpreter('a time limit ends a task and a block, which is a failure of its own', async (world) => {
  const rest = '  - {name: slow, actions: [{cmd: hang}]}\n';
  for (const actions of ['{task: slow, timeout: 20ms}', '{parallel: [{cmd: hang}], timeout: 20ms}']) {
    const { error, run } = await runActions(world, actions, { rest });
    assert.match((error as Error).message, 'took longer than 0.02 s', actions);
    assert.is((error as { exitCode?: number }).exitCode, 124);
    assert.equal(Object.values(outcomes(run)), ['given-up']);
  }
});

interpreter('a task and a block are tried again; what another attempt makes good is no failure', async (world) => {
  const rest = '  - {name: flaky, actions: [{cmd: say x}, {cmd: fail 7 2}]}\n';
  const retry = 'retry: {attempts: 3, backoff: 1ms}';
  for (const actions of [`{task: flaky, ${retry}}`, `{parallel: [{cmd: fail 7 2}], ${retry}}`]) {
    const good = await runActions(world, `${actions}, {cmd: say done}`, { rest });
    assert.is(good.error, undefined, actions);
    assert.equal(good.failures, []);
    assert.match(good.stdout, 'done\n');
    const label = actions.includes('flaky') ? 'flaky' : 'parallel';
    assert.is(
      good.stderr,
      `warning: attempt 1 of ${label} failed: ended with code 7\nwarning: attempt 2 of ${label} failed: ended with code 7\n`,
    );
  }
  const bad = await runActions(
    world,
    `{parallel: [{cmd: fail 9}], if: always()}, {task: flaky, retry: {attempts: 2}, if: always()}`,
    { rest },
  );
  assert.equal(
    bad.failures.map(({ exitCode }) => exitCode),
    [9, 7],
  );
  assert.is(bad.ran.filter((command) => command === 'fail 7 2').length, 2);
});

interpreter('a background action that dies fails its task, wherever in it that stands', async (world) => {
  for (const actions of [
    '{cmd: die 6, background: true}, {cmd: hang}, {cmd: say never}',
    '{parallel: [{cmd: die 6, background: true}]}, {cmd: hang}, {cmd: say never}',
  ]) {
    const { failures, run, ran } = await runActions(world, actions);
    assert.equal(
      failures.map(({ message }) => message),
      ['ended with code 6 while it was needed'],
    );
    assert.is(outcomes(run)['default: hang'], 'given-up');
    assert.equal(ran, ['die 6', 'hang']);
  }
});

interpreter('what follows a block follows the branch that ended last', async (world) => {
  const rest = '  - {name: two, actions: [{cmd: say x}, {cmd: say y}]}\n';
  const { run } = await runActions(world, '{parallel: [{cmd: say z}, {task: two}]}, {cmd: say after}', { rest });
  assert.equal(run.steps.at(-1)?.needs, ['two: say y']);
});

interpreter(
  'a background action that ends before it is ready has its code, and none is a failure too',
  async (world) => {
    const ready = 'background: true, ready: {log: never, timeout: 1h}';
    for (const [cmd, code, exitCode] of [
      ['say x', 0, 1],
      ['fail 5', 5, 5],
    ] as const) {
      const { failures } = await runActions(world, `{cmd: ${cmd}, ${ready}}`);
      assert.equal(
        failures.map((one) => [one.message, one.exitCode]),
        [[`ended with code ${code} before it was ready`, exitCode]],
      );
    }
  },
);

interpreter('loops give their items to a list and to a block, one from outside to what has none', async (world) => {
  const item = '{cmd: "say $ITEM", for: [1, 2]}';
  assert.is((await runActions(world, item)).stdout, '1\n2\n');
  const block = await runActions(
    world,
    `{for: [x, y], parallel: {limit: 1, actions: [${item}, {cmd: "say own $ITEM"}]}}`,
  );
  assert.is(block.stdout, '1\n2\nown x\n1\n2\nown y\n');
  const names = block.run.steps.map(({ name }) => name);
  assert.equal(names.slice(0, 3), ['default: say $ITEM [1]', 'default: say $ITEM [2]', 'default: say own $ITEM']);
});

interpreter(
  'what a caller gives wins over the entries of an action, what the command line gives does not',
  async (world) => {
    const rest = `    inputs: {zone: {default: eu}}
  - {name: called, inputs: {zone: {default: eu}}, actions: [{cmd: say $INPUT_ZONE, env: [INPUT_ZONE=own]}]}\n`;
    const actions = '{cmd: say $INPUT_ZONE, env: [INPUT_ZONE=own]}, {task: called, with: {zone: us}}, {task: called}';
    const { stdout } = await runActions(world, actions, { rest, with: new Map([['zone', 'argv']]) });
    assert.is(stdout, 'own\nus\nown\n');
  },
);

interpreter('a task that is up to date is passed over, but not in a dry run', async (world) => {
  world.write('in', 'a');
  const rest = '    sources: [in]\n    generates: [in]\n';
  const ran = async (options: Partial<RunTasksOptions> = {}): Promise<number> =>
    (await runActions(world, '{cmd: say a}', { rest, ...options })).run.steps.filter(
      ({ outcome }) => outcome === 'done',
    ).length;
  assert.is(await ran(), 1);
  assert.is(await ran(), 0);
  assert.is(await ran({ dryRun: true }), 1);
});

interpreter.run();
