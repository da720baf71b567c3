// `start` and `snapshot restore` in the benchmark log: what is recorded, and how long the same run usually takes.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Io } from '../../scripts/cli/command.ts';
import { showResumption, type Words } from '../../scripts/cli/resumption.ts';
import type { Started } from '../../scripts/cluster/start.ts';
import { runSteps } from '../../scripts/engine/run.ts';
import type { Situation } from '../../scripts/providers/provider.ts';
import { realWiring } from '../../scripts/wiring.ts';

const test = suite<{ folder: string }>('cli/resumption');
test.before.each((context) => void (context.folder = mkdtempSync(join(tmpdir(), 'hoist-resumption-'))));
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

interface Run {
  words?: Partial<Words>;
  found?: Situation;
  steps?: string[];
  fails?: boolean;
  isTTY?: boolean;
  output?: 'text' | 'json';
  env?: Record<string, string>;
}

const stopped: Situation = { kind: 'damaged', reasons: ['etcd does not run'] };

/** One run of a cluster's steps; all that was written to stderr. */
async function show(folder: string, given: Run = {}): Promise<string> {
  const { found = stopped, steps = ['etcd', 'api'], fails = false, isTTY = true, output = 'text' } = given;
  let written = '';
  const stream = (tty: boolean): unknown => ({
    isTTY: tty,
    columns: 80,
    rows: 24,
    write: (text: string) => (written += text) !== '',
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
  });
  const env = given.env ?? { DEPLOY_LOG_DIR: join(folder, 'log') };
  const io = { cwd: folder, env, stderr: stream(isTTY), stdout: stream(false), signal: new AbortController().signal };
  const context = realWiring(env, folder);
  const words: Words = { tool: 'start', name: 'dev', facts: () => [], next: () => 'again', ...given.words };
  const code = await showResumption(
    words,
    async ({ subscribers, onFound }): Promise<Started> => {
      onFound?.(found.kind);
      const run = await runSteps(
        steps.map((name) => ({ name, run: () => (fails ? Promise.reject(new Error('it broke')) : undefined) })),
        { pools: { work: 1 }, subscribers },
      );
      return { provider: 'embedded', situation: found, run, server: 's', context: 'c', kubeconfig: 'k' };
    },
    {
      output: { output, quiet: false, verbose: false },
      context,
      loaded: { settings: { logDir: 'logs' } as never, sourceOf: () => 'default' },
      io: io as unknown as Io,
    },
  ).catch(() => undefined);
  assert.is(code, fails ? undefined : 0);
  return written;
}

const recorded = (folder: string): Record<string, unknown>[] =>
  readFileSync(join(folder, 'log/runs.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a run is recorded, and the next one of the same says how long it takes', async ({ folder }) => {
  assert.not.match(await show(folder), 'usually');
  assert.match(await show(folder), /usually \d/);
  const [first] = recorded(folder);
  assert.is(first?.['tool'], 'start');
  assert.is(first?.['found'], 'damaged');
  assert.equal(first?.['subject'], { kind: 'cluster', name: 'dev' });
});

test('another cluster, other steps, another snapshot, another state, a run that failed: not the same', async ({
  folder,
}) => {
  await show(folder, { words: { tool: 'restore', snapshot: 'clean' } });
  await show(folder, { fails: true });
  const others: Run[] = [
    {},
    { words: { name: 'other' } },
    { steps: ['etcd', 'api', 'nodes'] },
    { words: { tool: 'restore', snapshot: 'other' } },
    { words: { tool: 'restore', snapshot: 'clean' }, found: { kind: 'same' } },
  ];
  for (const other of others) assert.not.match(await show(folder, other), 'usually');
  assert.match(await show(folder, { words: { tool: 'restore', snapshot: 'clean' } }), 'usually');
  assert.equal(recorded(folder)[0]?.['subject'], { kind: 'cluster', name: 'dev', facts: { snapshot: 'clean' } });
});

test('nobody is told who does not watch', async ({ folder }) => {
  await show(folder);
  assert.not.match(await show(folder, { isTTY: false }), 'usually');
  assert.not.match(await show(folder, { output: 'json' }), 'usually');
});

test('a folder without a log gets none', async ({ folder }) => {
  await show(folder, { env: {} });
  assert.not.ok(existsSync(join(folder, 'logs')));
});

test.run();
