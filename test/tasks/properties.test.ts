// What holds for every task file: limits, one outcome for each action, variables as some order gives them, nothing left behind.

import { readFileSync, readdirSync } from 'node:fs';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { draws } from '../draws.ts';
import { ConfigError, InterruptedError, UsageError } from '../../scripts/base/errors.ts';
import type { StartChild } from '../../scripts/host/child.ts';
import { parseTaskFile } from '../../scripts/tasks/file/read.ts';
import { merged } from '../../scripts/tasks/variables/variables.ts';
import { type World, createWorld } from './world.ts';

const properties = suite<World>('tasks: properties');

properties.before.each((context) => void Object.assign(context, createWorld()));
properties.after.each((context) => context.close());

/** Actions as a file has them: commands that end with a code, and blocks of them. */
type Tree = { code: number; retry: boolean } | { block: Tree[]; limit: number | undefined; failure: string };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ code: fc.constantFrom(0, 0, 0, 0, 3), retry: fc.boolean() }),
    fc.record({
      block: fc.array(tie('tree'), { minLength: 1, maxLength: 5 }),
      limit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      failure: fc.constantFrom('finish', 'cancel', 'continue'),
    }),
  ),
}));

/** The action as a mapping of YAML's flow style; commands are numbered in `codes`. */
function actionOf(one: Tree, codes: number[]): string {
  if ('code' in one) {
    codes.push(one.code);
    return `{cmd: "command ${codes.length - 1}"${one.retry ? ', maxRetries: 1' : ''}}`;
  }
  const limit = one.limit === undefined ? '' : `limit: ${one.limit}, `;
  return `{parallel: {${limit}failure: ${one.failure}, actions: [${one.block.map((below) => actionOf(below, codes)).join(', ')}]}}`;
}

/** Children that are none: each ends with its code after a few turns of the loop. */
function children(codes: readonly number[]): { start: StartChild; most: () => number; started: Map<number, number> } {
  let running = 0;
  let most = 0;
  const started = new Map<number, number>();
  const start: StartChild = async ({ args }) => {
    const number = Number(args.at(-1)?.split(' ')[1]);
    started.set(number, (started.get(number) ?? 0) + 1);
    most = Math.max(most, ++running);
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    void (async () => {
      for (let turns = number % 4; turns >= 0; turns--) await turn();
      end();
    })();
    const ended = over.then(() => {
      running--;
      return { code: codes[number] ?? 0, signal: null };
    });
    await turn();
    return {
      // No process of this number, nor a group, can exist.
      pid: 2 ** 30 + number,
      ended,
      closed: over,
      signal: () => false,
      detach: () => undefined,
    };
  };
  return { start, most: () => most, started };
}

properties('never more commands at once than --jobs, and each action has exactly one outcome', async ({ run }) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(tree, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (trees, jobs) => {
        const codes: number[] = [];
        const actions = trees.map((one) => actionOf(one, codes));
        const { start, most, started } = children(codes);
        const {
          run: record,
          error,
          failures,
        } = await run(`tasks: [{name: default, actions: [${actions.join(', ')}]}]`, {
          jobs,
          start,
        });
        assert.ok(most() <= jobs, `${most()} at once`);
        const names = record.steps.map(({ name }) => name);
        assert.is(new Set(names).size, names.length);
        for (const [number, times] of started) {
          const steps = record.steps.filter(({ name }) => new RegExp(`^default: command ${number}$`).test(name));
          assert.is(steps.length, 1, `command ${number} has ${steps.length} outcomes`);
          assert.is(steps[0]?.attempts, times);
          if (codes[number] !== 0) assert.ok(['failed', 'given-up'].includes(steps[0]?.outcome ?? ''));
        }
        const failed = record.steps.filter(({ outcome }) => outcome === 'failed').length;
        assert.is(failures.length, failed);
        assert.is(error === undefined, failed === 0);
        if (failed === 0) assert.is(started.size, codes.length);
      },
    ),
    { numRuns: draws(150) },
  );
});

properties('a block never runs more of its branches at once than its limit', async ({ run }) => {
  const block = fc.record({ limit: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: 1, max: 12 }) });
  await fc.assert(
    fc.asyncProperty(block, async ({ limit, count }) => {
      const codes = Array.from({ length: count }, () => 0);
      const { start, most } = children(codes);
      const actions = codes.map((_, number) => `{cmd: "command ${number}"}`).join(', ');
      await run(`tasks: [{name: default, actions: [{parallel: {limit: ${limit}, actions: [${actions}]}}]}]`, { start });
      assert.ok(most() <= limit, `${most()} at once`);
    }),
    { numRuns: draws(60) },
  );
});

interface Written {
  name: string;
  text: string;
}

/** Branches with what each writes, and for each the earlier ones that it needs. */
const branches = fc
  .array(
    fc.record({
      writes: fc.array(fc.record({ name: fc.constantFrom<string>('A', 'B'), text: fc.constantFrom('1', '2') }), {
        maxLength: 2,
      }),
      needs: fc.array(fc.nat(4), { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => {
    const after: Set<number>[] = [];
    list.forEach(({ needs }, at) => {
      const own = new Set<number>();
      for (const need of needs) {
        if (need >= at) continue;
        own.add(need);
        for (const further of after[need] ?? []) own.add(further);
      }
      after.push(own);
    });
    return list.map(({ writes }, at) => ({ writes, after: after[at] ?? new Set<number>() }));
  });

/** All orders in which the branches could have run one after another. */
function* orders(
  list: readonly { after: ReadonlySet<number> }[],
  done: readonly number[] = [],
): Generator<readonly number[]> {
  if (done.length === list.length) yield done;
  for (const [at, { after }] of list.entries()) {
    if (!done.includes(at) && [...after].every((one) => done.includes(one))) yield* orders(list, [...done, at]);
  }
}

properties('after a block a variable has the value that every order gives, or none', () => {
  fc.assert(
    fc.property(branches, (list) => {
      const value = ({ text }: Written) => ({ text, source: 'test', sensitive: false });
      const written = list.map(({ writes }) => new Map(writes.map((one) => [one.name, value(one)])));
      const joined = merged(list.map(({ after }, at) => ({ after, written: written[at] ?? new Map() })));
      for (const name of ['A', 'B']) {
        const ends = new Set<string | undefined>();
        for (const order of orders(list)) {
          const last = order.findLast((at) => written[at]?.has(name));
          ends.add(last === undefined ? undefined : written[last]?.get(name)?.text);
        }
        const got = joined.get(name);
        if (ends.size === 1) {
          assert.is(got?.text, [...ends][0]);
          assert.is(got?.conflict, undefined);
        } else assert.ok(got?.conflict !== undefined);
      }
    }),
    { numRuns: draws(500) },
  );
});

/** Processes whose command line has this argument. */
function processesWith(argument: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
    } catch {
      return false;
    }
  });
}

const onLinux = process.platform === 'linux' ? properties : properties.skip;

onLinux('Ctrl-C at any moment leaves no process', async ({ run }) => {
  const signals = fc.constantFrom('SIGINT', 'SIGTERM', 'SIGHUP');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 150 }), signals, async (afterMs, signal) => {
      const seconds = `${100_000 + Math.floor(Math.random() * 900_000)}`;
      const stop = new AbortController();
      const running = run(
        `
tasks:
  - name: default
    actions:
      - {cmd: sleep ${seconds}, background: true}
      - parallel:
          - {cmd: sleep ${seconds} & sleep ${seconds} & wait, for: [a, b]}
          - {cmd: "true", maxRetries: 3}
          - task: inner
    finally: [{cmd: "true"}]
  - name: inner
    actions: [{cmd: "trap 'exit 0' INT TERM; sleep ${seconds}"}, {cmd: sleep ${seconds}}]
`,
        { signal: stop.signal },
      );
      await pause(afterMs);
      stop.abort(new InterruptedError(signal));
      const { run: record, error } = await running;
      assert.instance(error, InterruptedError);
      assert.is(record.outcome, 'cancelled');
      assert.equal(processesWith(seconds), []);
    }),
    { numRuns: draws(12) },
  );
});

const VALID = `includes: [{lib: lib.yaml}]
variables: [{name: NAME, default: world, pattern: "^w.*$"}]
tasks:
  - name: default
    inputs: {zone: {default: eu, required: true}}
    sources: [src/**]
    actions:
      - cmd: echo "\${{ index .inputs "zone" }} \${{ if eq .variables.NAME "x" }}a\${{ else }}b\${{ end }}"
        env: [A=1]
        setVariables: [{name: GOT, pattern: ".*"}]
      - parallel: {limit: 2, actions: [{id: a, cmd: "true"}, {cmd: "true", needs: [a], retry: {attempts: 2, backoff: 1s}}]}
      - {task: other, with: {x: "\${NAME}"}, for: {os: [a, b]}}
      - wait: {network: {protocol: tcp, address: "127.0.0.1:1"}}
        timeout: 1s
  - {name: other, inputs: {x: {description: an input}}, actions: [{cmd: sleep 1, background: true, ready: {log: x}}]}
`;

/** The text with some of its parts cut, doubled or replaced. */
const mutated = fc
  .array(
    fc.record({
      at: fc.nat(VALID.length),
      length: fc.nat(30),
      put: fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom(
          '${{',
          '}}',
          '{',
          '}',
          '[',
          ']',
          '- ',
          '\n',
          ': ',
          '&a ',
          '*a',
          '<<: *a',
          '"',
          "'",
          '\t',
          '\0',
          '|',
          '!!binary ',
        ),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((changes) =>
    changes.reduce((text, { at, length, put }) => text.slice(0, at) + put + text.slice(at + length), VALID),
  );

properties('whatever is in a task file, it is read, or refused with places', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      try {
        const file = await parseTaskFile(text, 'tasks.yaml', '/nowhere/tasks.yaml');
        const problems = [...file.warnings, ...[...file.tasks.values()].flatMap((task) => task.problems)];
        for (const { where } of problems) assert.match(where, /^tasks\.yaml:\d+:\d+$/);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        assert.ok(error.problems.length > 0);
        for (const { where } of error.problems) assert.match(where, /^tasks\.yaml:\d+:\d+$/);
      }
    }),
    { numRuns: draws(400) },
  );
});

properties(
  'whatever is in a task file, checking and showing it ends, with places for what is wrong',
  async ({ run, write }) => {
    write('lib.yaml', 'tasks: [{name: say, actions: [{cmd: echo lib}]}]');
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        try {
          const { error } = await run(text, { dryRun: true });
          if (error !== undefined) assert.ok(error instanceof Error && 'exitCode' in error);
        } catch (error) {
          // A file that is in order may still lack the task that nobody named.
          if (error instanceof UsageError && error.message.startsWith('tasks.yaml has no task "default"')) return;
          if (!(error instanceof ConfigError)) throw error;
          for (const { where } of error.problems) assert.match(where, /^(tasks\.yaml|lib\.yaml|command line):\d+:\d+$/);
        }
      }),
      { numRuns: draws(250) },
    );
  },
);

properties.run();
