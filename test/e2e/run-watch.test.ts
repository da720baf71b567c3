// `hoist run --watch` on real files and processes: what starts it again, and that the old run has ended before.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));

/** Ends what would never say what is waited for. */
const LONGEST_MS = 30_000;

interface Context {
  folder: string;
  path: (file: string) => string;
  children: ChildProcess[];
}

const watch = suite<Context>('e2e: run --watch');

watch.before.each((context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-watch-e2e-'));
  Object.assign(context, { folder, path: (file: string) => join(folder, file), children: [] });
  mkdirSync(join(folder, 'src'));
});
watch.after.each(async ({ folder, children }) => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Watching {
  /** Resolves when the text has come once more since the last call. */
  says: (text: string) => Promise<void>;
  written: () => string;
  end: (signal: NodeJS.Signals) => Promise<number | null>;
}

function start({ folder, children }: Context, tasks: string, args: readonly string[] = []): Watching {
  writeFileSync(join(folder, 'tasks.yaml'), tasks);
  const child = spawn(process.execPath, [BIN, 'run', '--watch', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let written = '';
  let seen = 0;
  let wake = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      wake();
    });
  }
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  void closed.then(() => wake());
  return {
    written: () => written,
    async says(text) {
      for (;;) {
        const at = written.indexOf(text, seen);
        if (at >= 0) {
          seen = at + text.length;
          return;
        }
        assert.ok(child.exitCode === null && child.signalCode === null, `it ended without "${text}":\n${written}`);
        const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
        await new Promise<void>((resolve) => (wake = resolve));
        clearTimeout(late);
      }
    },
    async end(signal) {
      child.kill(signal);
      return closed;
    },
  };
}

watch('runs again for new content alone, once for several files, and ends with Ctrl-C', async (context) => {
  const { path } = context;
  writeFileSync(path('src/a'), '1');
  const watching = start(
    context,
    'tasks: [{name: default, sources: [src], actions: [{cmd: "cat src/* | tee -a ran"}]}]',
  );
  await watching.says('watching 2 files');
  // Neither a touched file nor one beside it is a change.
  utimesSync(path('src/a'), new Date(), new Date());
  writeFileSync(path('other'), 'x');
  writeFileSync(path('src/a'), '1');
  writeFileSync(path('src/b'), '2');
  writeFileSync(path('src/c'), '3');
  await watching.says('src/b and 1 more has changed');
  await watching.says('watching 4 files');
  rmSync(path('src/b'));
  await watching.says('src/b has changed');
  await watching.says('watching 3 files');
  mkdirSync(path('src/deep'));
  writeFileSync(path('src/deep/d'), '4');
  await watching.says('src/deep/d has changed');
  await watching.says('watching 4 files');
  assert.is(await watching.end('SIGINT'), 130);
  assert.match(readFileSync(path('ran'), 'utf8'), /^112313/);
});

watch('the old processes have ended before the new ones start (go-task 1631)', async (context) => {
  const { path } = context;
  writeFileSync(path('src/a'), '1');
  const server = `
        test ! -e alive || touch overlap
        touch alive; echo up $(cat src/a)
        trap 'sleep 0.4; rm alive; exit 0' TERM
        (trap "" TERM; while test -e alive; do sleep 0.02; done) &
        while :; do sleep 0.02; done`;
  const watching = start(
    context,
    `tasks:\n  - name: default\n    sources: [src]\n    actions:\n    - cmd: |${server}\n    - cmd: touch never\n`,
  );
  for (const value of ['1', '2', '3']) {
    await watching.says(`up ${value}`);
    writeFileSync(path('src/a'), String(Number(value) + 1));
  }
  await watching.says('up 4');
  assert.is(await watching.end('SIGTERM'), 143);
  assert.not.ok(existsSync(path('overlap')));
  assert.not.ok(existsSync(path('alive')));
  assert.not.ok(existsSync(path('never')));
});

watch('goes on after a failure and after a task file that is wrong', async (context) => {
  const { path } = context;
  writeFileSync(path('src/a'), 'exit 3');
  const tasks = 'tasks: [{name: default, sources: [src], actions: [{cmd: . src/a}]}]';
  const watching = start(context, tasks);
  await watching.says('ended with code 3');
  await watching.says('watching');
  writeFileSync(path('tasks.yaml'), tasks.replace('cmd:', 'task:'));
  await watching.says('there is no task');
  writeFileSync(path('src/a'), 'echo fine');
  await watching.says('src/a has changed');
  await watching.says('there is no task');
  writeFileSync(path('tasks.yaml'), tasks);
  await watching.says('fine');
  await watching.says('watching');
});

watch('what a task makes in its own sources does not start it again, and others are up to date', async (context) => {
  const { path } = context;
  mkdirSync(path('lib'));
  writeFileSync(path('src/a'), '1');
  writeFileSync(path('lib/b'), '1');
  const watching = start(
    context,
    `
tasks:
  - name: default
    actions: [{task: one, with: {dir: src}}, {task: one, with: {dir: lib}}]
  - name: one
    inputs: {dir: {description: where}}
    sources: ['\${{ .inputs.dir }}']
    generates: ['\${{ .inputs.dir }}/made']
    actions: [{cmd: 'date +%N > $INPUT_DIR/made; echo made $INPUT_DIR'}]
`,
  );
  await watching.says('made src');
  await watching.says('made lib');
  await watching.says('watching 3 files');
  writeFileSync(path('lib/b'), '2');
  await watching.says('lib/b has changed');
  await watching.says('one: up to date');
  await watching.says('made lib');
  await watching.says('watching 3 files');
  assert.is(watching.written().match(/made src/g)?.length, 1);
  assert.is(watching.written().match(/has changed/g)?.length, 1);
});

watch('needs sources, and does not go with what only looks', async (context) => {
  const tasks = 'tasks: [{name: default, actions: [{cmd: "true"}]}]';
  const without = start(context, tasks);
  await without.says('--watch needs a task with `sources`');
  const both = start(context, tasks, ['--dry-run']);
  await both.says('--watch and --dry-run exclude each other');
});

watch.run();
