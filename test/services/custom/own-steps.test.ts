// Steps of the user, on real processes: what they are given, how they fail, and that nothing of them is left behind.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepsFailedError } from '../../../scripts/engine/errors.ts';
import { ConfigError, InterruptedError, ServicesError, TimeoutError } from '../../../scripts/base/errors.ts';
import { groupLives } from '../../../scripts/host/group.ts';
import { type Bench, createBench, written } from './workbench.ts';

const own = suite<{ bench: Bench }>('own steps', { bench: undefined as unknown as Bench });

own.before.each((context) => {
  context.bench = createBench();
});
own.after.each(({ bench }) => bench.close());

/** The text of a module whose default export is a step that runs this code. */
const step = (code: string, more = ''): string =>
  `export default { ${more} async run({ $, ...context }) { ${code} } };\n`;

async function refused(promise: Promise<unknown>): Promise<string[]> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ConfigError);
    return (error as ConfigError).problems.map((p) => `${p.where}: ${p.message}`);
  }
  throw new Error('it was not refused');
}

/** Whether a process still runs; for those whose parent waits for them. */
function runs(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

own('what loading steps sets for the loader is as it was afterwards', async ({ bench }) => {
  bench.write('steps/one.ts', step(''));
  const before = process.env['TSX_DISABLE_CACHE'];
  try {
    for (const value of ['mine', undefined]) {
      if (value === undefined) delete process.env['TSX_DISABLE_CACHE'];
      else process.env['TSX_DISABLE_CACHE'] = value;
      assert.is((await bench.play()).error, undefined);
      assert.is(process.env['TSX_DISABLE_CACHE'], value);
    }
  } finally {
    if (before !== undefined) process.env['TSX_DISABLE_CACHE'] = before;
  }
});

own('a step learns of the cluster, and its output comes line by line under its name', async ({ bench }) => {
  bench.write(
    'steps/hello.ts',
    step(`
      context.log(\`\${context.cluster} \${context.context} \${context.kubeconfig} \${context.namespaces.join()}\`);
      context.note('a note');
      await $\`echo one; printf 'two\\nthr'; sleep 0.05; printf 'ee'; echo "to stderr" >&2; echo; echo $KUBECONFIG $MORE\`;
      await $\`echo unseen\`.quiet();
      context.log(await $\`pwd\`.quiet().text());
    `),
  );
  const { lines, run, error } = await bench.play({ env: { MORE: 'more' } });
  assert.is(error, undefined);
  const [first, ...rest] = lines['steps/hello'] ?? [];
  assert.is(first, 'dev hoist-dev /the/kubeconfig a,b');
  assert.equal(
    rest.filter((line) => line !== 'to stderr'),
    ['one', 'two', 'three', '/the/kubeconfig more', `${bench.folder}\n`],
  );
  assert.ok(rest.includes('to stderr'));
  const record = run.steps.find((s) => s.name === 'steps/hello');
  assert.equal([record?.outcome, record?.needs, record?.notes], ['done', ['kubeconfig'], ['a note']]);
});

own('progress that is written over and over is shown as a terminal would show it', async ({ bench }) => {
  bench.write(
    'steps/bar.ts',
    step(String.raw`await $${'`'}printf '10%%\\r50%%\\r100%%\\nfein\\303'; sleep 0.05; printf '\\251\\r\\nend'${'`'};`),
  );
  const { lines } = await bench.play();
  assert.equal(lines['steps/bar'], ['100%', 'feiné', 'end']);
});

own(
  'needs order steps; those that need nothing start at once; what needs one waits for the kubeconfig too',
  async ({ bench }) => {
    bench.write('steps/first.mts', step('', 'needs: [],'));
    bench.write(
      'steps/many.ts',
      `export const a = { needs: ['steps/first'], run() {} };\nexport const b = { needs: ['steps/many/a', 'api'], run() {} };\nexport function helper() {}\n`,
    );
    bench.write('steps/short.ts', 'export default async ({ log }) => log("short");\n');
    bench.write('steps/first.test.ts', 'throw new Error("a test is no step");\n');
    bench.write('steps/lib/shared.ts', 'throw new Error("not asked for");\n');
    const { run, lines } = await bench.play();
    const needs = Object.fromEntries(run.steps.map((s) => [s.name, s.needs]));
    assert.equal(needs, {
      api: [],
      kubeconfig: ['api'],
      'steps/first': [],
      'steps/many/a': ['kubeconfig', 'steps/first'],
      'steps/many/b': ['kubeconfig', 'steps/many/a', 'api'],
      'steps/short': ['kubeconfig'],
    });
    assert.equal(lines['steps/short'], ['short']);
  },
);

own('the folder of commands stays, whatever another step does to that of the process', async ({ bench }) => {
  const before = process.cwd();
  bench.write(
    'steps/a.ts',
    step(`process.chdir('/'); await $\`sleep 0.1\`; context.log((await $\`pwd\`.quiet()).stdout.trim());`),
  );
  bench.write(
    'steps/b.ts',
    step(`await $\`sleep 0.05\`; context.log((await $\`pwd\`.pipe\`cat\`.quiet()).stdout.trim());`),
  );
  try {
    const { lines } = await bench.play();
    assert.equal([lines['steps/a'], lines['steps/b']], [[bench.folder], [bench.folder]]);
  } finally {
    process.chdir(before);
  }
});

own('a command that fails, and code that throws, are told in one sentence with their line', async ({ bench }) => {
  bench.write(
    'steps/command.ts',
    `export default {\n  async run({ $ }) {\n    await $\`echo working; echo "no such table" >&2; exit 3\`;\n  },\n};\n`,
  );
  bench.write('steps/type.ts', `export default {\n  run() {\n    const none = undefined;\n    none.value;\n  },\n};\n`);
  bench.write('steps/text.ts', `export default { run() { throw 'just text'; } };\n`);
  bench.write('steps/plain.ts', `export default {\n  run() {\n    throw new Error('not today');\n  },\n};\n`);
  bench.write('steps/missing.ts', step('await $`no-such-program`;'));
  const { error } = await bench.play();
  assert.instance(error, StepsFailedError);
  const failures = (error as StepsFailedError).errors;
  const messages = Object.fromEntries(failures.map((e) => [e.step, e.message]));
  assert.is(messages['steps/command'], 'steps/command.ts:3:11: a command ended with code 3: no such table');
  assert.match(messages['steps/type'] ?? '', /^steps\/type\.ts:4:10: TypeError: Cannot read properties of undefined/);
  assert.is(messages['steps/text'], "steps/text.ts: threw 'just text'");
  assert.is(messages['steps/plain'], 'steps/plain.ts:3:11: not today');
  assert.match(
    messages['steps/missing'] ?? '',
    /^steps\/missing\.ts:1:\d+: a command ended with code 127: .*no-such-program/,
  );
  assert.ok(failures.every((e) => e.cause instanceof ServicesError && e.exitCode === 6));
  assert.equal(failures.find((e) => e.step === 'steps/command')?.lastOutput, ['working', 'no such table']);
});

own('an error that nobody awaits fails its step, and no other', async ({ bench }) => {
  bench.write('steps/promise.ts', step('void $`exit 4`; await new Promise(() => {});'));
  bench.write(
    'steps/timer.ts',
    step('setTimeout(() => { throw new Error("in a timer"); }, 5); await new Promise(() => {});'),
  );
  bench.write('steps/fine.ts', step('await $`sleep 0.3`;'));
  const { error, run } = await bench.play();
  assert.instance(error, StepsFailedError);
  const messages = Object.fromEntries((error as StepsFailedError).errors.map((e) => [e.step, e.message]));
  assert.match(messages['steps/promise'] ?? '', /^steps\/promise\.ts:1:\d+: a command ended with code 4/);
  assert.match(messages['steps/timer'] ?? '', /^steps\/timer\.ts:1:\d+: in a timer/);
  assert.is(run.steps.find((s) => s.name === 'steps/fine')?.outcome, 'done');
});

own('an optional step that fails is a warning', async ({ bench }) => {
  bench.write('steps/may.ts', step('await $`exit 1`;', 'optional: true,'));
  const { error, run } = await bench.play();
  assert.is(error, undefined);
  assert.is(run.steps.find((s) => s.name === 'steps/may')?.outcome, 'warned');
});

own('a step that never returns ends with its timeout, and its processes with it', async ({ bench }) => {
  const pids = `${bench.folder}/pids`;
  bench.write(
    'steps/never.ts',
    step(
      `await $\`(trap '' TERM; sleep 300) & echo $$ $! > ${pids}; sleep 300 | cat\`.nothrow(); await new Promise(() => {});`,
      "timeout: '500ms',",
    ),
  );
  const { error } = await bench.play();
  assert.instance(error, StepsFailedError);
  const [failure] = (error as StepsFailedError).errors;
  assert.instance(failure?.cause, TimeoutError);
  assert.is(failure?.message, 'took longer than 0.5 s');
  const [leader = '', child = ''] = (await written(pids)).split(' ');
  assert.not.ok(groupLives(Number(leader)), 'also what ignores SIGTERM is gone');
  assert.not.ok(runs(child) && groupLives(Number(leader)));
});

own('a cancelled run ends both sides of a pipe, and what they have started', async ({ bench }) => {
  const pids = `${bench.folder}/pids`;
  bench.write('steps/pipe.ts', step(`await $\`echo $$ > ${pids}; sh -c 'sleep 300; true' | sh -c 'cat; true'\`;`));
  bench.write('steps/zxpipe.ts', step(`await $\`echo $$ > ${pids}2; sleep 300\`.pipe\`cat\`;`));
  const abort = new AbortController();
  const played = bench.play({ run: { signal: abort.signal } });
  const leaders = [await written(pids), await written(`${pids}2`)].map(Number);
  assert.ok(leaders.every(groupLives));
  abort.abort(new InterruptedError('SIGINT'));
  const { run, error } = await played;
  assert.instance(error, InterruptedError);
  assert.equal(leaders.map(groupLives), [false, false]);
  const record = run.steps.find((s) => s.name === 'steps/pipe');
  assert.equal([record?.outcome, record?.reason], ['cancelled', 'interrupted by SIGINT']);
});

own('code may clean up when it is cancelled, but starts nothing new', async ({ bench }) => {
  bench.write(
    'steps/tidy.ts',
    step(
      `try { await $\`echo > ${bench.folder}/started; sleep 300\`; } finally { context.log('tidied'); await $\`echo > ${bench.folder}/late\`; }`,
    ),
  );
  const abort = new AbortController();
  const played = bench.play({ run: { signal: abort.signal } });
  await written(`${bench.folder}/started`);
  abort.abort(new InterruptedError('SIGTERM'));
  const { lines } = await played;
  assert.equal(lines['steps/tidy'], ['tidied']);
  const { existsSync } = await import('node:fs');
  assert.not.ok(existsSync(`${bench.folder}/late`));
});

own('a process that a step leaves behind is ended with its group, with a warning', async ({ bench }) => {
  const pids = `${bench.folder}/pids`;
  bench.write('steps/leaves.ts', step(`await $\`sleep 300 > /dev/null 2>&1 & echo $$ > ${pids}\`;`));
  bench.write('steps/forgets.ts', step(`void $\`sleep 300\`.nothrow(); await $\`true\`;`));
  const { error, warnings } = await bench.play();
  assert.is(error, undefined);
  assert.equal(warnings, {
    'steps/leaves': ['a process was still running at its end: ended'],
    'steps/forgets': ['a process was still running at its end: ended'],
  });
  assert.not.ok(groupLives(Number(await written(pids))));
});

own('a need that does not exist is refused before anything runs, with the nearest name', async ({ bench }) => {
  bench.write('steps/seed.ts', step('', "needs: ['namespace/stagin', 'api'],"));
  bench.write('steps/load.ts', step('', "needs: ['seed'],"));
  bench.write('steps/odd.ts', step('', "needs: ['zzzzzzzzzzzz'],"));
  const others = [{ name: 'namespace/staging', run: () => undefined }];
  assert.equal(await refused(bench.play({ others })), [
    'steps/load.ts: step "steps/load" needs "seed", which does not exist; did you mean "steps/seed"?',
    'steps/odd.ts: step "steps/odd" needs "zzzzzzzzzzzz", which does not exist; `up --plan` lists all steps',
    'steps/seed.ts: step "steps/seed" needs "namespace/stagin", which does not exist; did you mean "namespace/staging"?',
  ]);
});

own('files and steps of a wrong form are all refused at once', async ({ bench }) => {
  bench.write('steps/broken.ts', 'export default { run( {} };\n');
  bench.write('steps/throws.ts', 'throw new Error("at the top");\n');
  bench.write('steps/empty.ts', 'export const answer = 42;\n');
  bench.write('steps/wrong.ts', 'export default { need: [], needs: "api", timeout: 5, optional: "yes", run: 1 };\n');
  bench.write('steps/none.ts', 'export default { needs: [] };\n');
  bench.write('steps/nothing.ts', 'export default null;\n');
  bench.write('steps/text.ts', 'export default "run";\n');
  const found = await refused(bench.play());
  assert.match(
    found.find((p) => p.startsWith('steps/broken.ts')) ?? '',
    /cannot be loaded: .*broken\.ts:1:\d+: ERROR: Expected "\)"/s,
  );
  assert.equal(found.filter((p) => !p.startsWith('steps/broken.ts')).sort(), [
    'steps/empty.ts: exports no step, like `export default { async run({ $ }) { … } }`',
    'steps/none.ts: step "steps/none": "run" must be a function',
    'steps/nothing.ts: exports no step, like `export default { async run({ $ }) { … } }`',
    'steps/text.ts: exports no step, like `export default { async run({ $ }) { … } }`',
    'steps/throws.ts: cannot be loaded: at the top',
    'steps/wrong.ts: step "steps/wrong": "needs" must be a list of step names',
    'steps/wrong.ts: step "steps/wrong": "optional" must be true or false',
    'steps/wrong.ts: step "steps/wrong": "run" must be a function',
    'steps/wrong.ts: step "steps/wrong": "timeout" must be a duration like "90s" or "5m"',
    'steps/wrong.ts: step "steps/wrong": unknown key "need"; did you mean "needs"?',
  ]);
});

own('files load in a package of modules as well as in one that is not', async ({ bench }) => {
  bench.write(
    'steps/typed.ts',
    `import { join } from 'node:path';\ninterface Log { log: (line: string) => void }\nexport default { run({ log }: Log): void { log(join('a', 'b')); } };\nexport const other = { needs: [] as string[], run(): void {} };\n`,
  );
  bench.write(
    'steps/modern.mts',
    'const name = await Promise.resolve("top-level");\nexport default ({ log }) => log(name);\n',
  );
  const plain = await bench.play();
  assert.equal([plain.lines['steps/typed'], plain.lines['steps/modern']], [['a/b'], ['top-level']]);
  assert.ok(plain.run.steps.some((s) => s.name === 'steps/typed/other'));
});

own.run();
