// `hoist run` as a user sees it: exit codes, streams, signals on real processes and on a real terminal, nested runs.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const BIN = fileURLToPath(new URL('../../bin/hoist', import.meta.url));
const python = spawnSync('python3', ['-c', 'import pty'], { stdio: 'ignore' }).status === 0;

interface Context {
  folder: string;
}

const run = suite<Context>('e2e: run');

run.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'hoist-run-e2e-'));
});
run.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const environment = (folder: string, env: Record<string, string> = {}): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: folder,
  HOIST: `${process.execPath} ${BIN}`,
  ...env,
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(folder: string, tasks: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  writeFileSync(join(folder, 'tasks.yaml'), tasks);
  const child = spawn(process.execPath, [BIN, 'run', ...args], {
    cwd: folder,
    env: environment(folder, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => void (written.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (written.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...written })));
  return { child, ended };
}

/** Waits for a file that a task makes. */
async function appears(path: string, child: ChildProcess): Promise<void> {
  while (!existsSync(path)) {
    assert.is(child.exitCode, null, 'it ended early');
    await pause(10);
  }
}

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

/** A number of seconds that no other process sleeps for. */
const unique = (): string => `${100_000 + Math.floor(Math.random() * 900_000)}`;

run(
  'stdout is that of the commands, the rest goes to stderr, and the code is that of the command',
  async ({ folder }) => {
    const { code, stdout, stderr } = await start(
      folder,
      'tasks: [{name: default, actions: [{cmd: echo out; echo err >&2; exit 42}]}]',
    ).ended;
    assert.is(code, 42);
    assert.is(stdout, 'out\n');
    assert.match(stderr, 'err\n');
    assert.match(stderr, 'ended with code 42');
    assert.match(stderr, 'at tasks.yaml:1:36 ← default (tasks.yaml:1)');
  },
);

run('a dry run shows the commands, runs none and has no times to show', async ({ folder }) => {
  const tasks =
    'tasks: [{name: default, actions: [{task: other}, {cmd: touch a}]}, {name: other, actions: [{cmd: touch b}]}]';
  const { code, stdout, stderr } = await start(folder, tasks, ['--dry-run']).ended;
  assert.is(code, 0);
  assert.match(`${stdout}${stderr}`, /touch b[^]*touch a/);
  assert.not.match(`${stdout}${stderr}`, /done|0 actions/);
  assert.not.ok(existsSync(join(folder, 'a')) || existsSync(join(folder, 'b')));
});

run('a wrong file is refused with code 2 and places', async ({ folder }) => {
  const { code, stderr } = await start(folder, 'tasks: [{name: default, actions: [{task: nope}]}]').ended;
  assert.is(code, 2);
  assert.match(stderr, 'tasks.yaml:1:42: there is no task "nope"');
});

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const) {
  run(`${signal} ends everything and leaves nothing, however deep`, async ({ folder }) => {
    const [one, two] = [unique(), unique()];
    const { child, ended } = start(
      folder,
      `
tasks:
  - name: default
    actions:
      - parallel:
          - cmd: sleep ${one} & sleep ${one} & touch a; wait
          - cmd: $HOIST run inner
      - cmd: touch never
  - name: inner
    actions:
      - cmd: sleep ${two} & touch b; wait
    finally:
      - cmd: touch cleaned
`,
    );
    await appears(join(folder, 'a'), child);
    await appears(join(folder, 'b'), child);
    child.kill(signal);
    assert.is((await ended).code, code);
    assert.equal([...processesWith(one), ...processesWith(two)], []);
    assert.ok(existsSync(join(folder, 'cleaned')));
    assert.not.ok(existsSync(join(folder, 'never')));
  });
}

run('a failure that cancels reaches runs within the run (mise 9655)', async ({ folder }) => {
  const [one, two] = [unique(), unique()];
  const { code, stderr } = await start(
    folder,
    `
tasks:
  - name: default
    actions:
      - parallel:
          failure: cancel
          actions:
            - cmd: sh -c 'sleep ${one} & sleep ${one}'
            - cmd: $HOIST run inner
            - cmd: until test -e b; do sleep 0.02; done; exit 5
  - name: inner
    actions: [{cmd: touch b; sleep ${two}}]
`,
  ).ended;
  assert.is(code, 5);
  assert.match(stderr, 'ended with code 5');
  assert.equal([...processesWith(one), ...processesWith(two)], []);
});

run('runs within a run share its --jobs', async ({ folder }) => {
  const count = 'n=$(ls on | wc -l); echo $n >> seen; touch on/$$; sleep 0.05; rm on/$$';
  const { code } = await start(
    folder,
    `
tasks:
  - name: default
    actions:
      - cmd: mkdir on
      - parallel: [{cmd: $HOIST run inner -q}, {cmd: $HOIST run inner -q}]
  - name: inner
    actions:
      - parallel: [{cmd: ${count}, for: [a, b, c, d]}]
`,
    ['--jobs', '2'],
  ).ended;
  assert.is(code, 0);
  const seen = readFileSync(join(folder, 'seen'), 'utf8').trim().split('\n').map(Number);
  assert.is(seen.length, 8);
  assert.ok(Math.max(...seen) <= 1, `${Math.max(...seen) + 1} at once`);
});

run('a reader that is gone is no failure', ({ folder }) => {
  writeFileSync(
    join(folder, 'tasks.yaml'),
    'tasks: [{name: default, actions: [{cmd: seq 1 200000}, {cmd: touch done}]}]',
  );
  const shell = spawnSync('bash', ['-o', 'pipefail', '-c', '$HOIST run -q | head -1'], {
    cwd: folder,
    env: environment(folder),
    encoding: 'utf8',
  });
  assert.is(shell.stdout, '1\n');
  assert.is(shell.status, 0);
  assert.ok(existsSync(join(folder, 'done')));
});

run('secrets are masked in output and errors', async ({ folder }) => {
  const { stdout, stderr } = await start(
    folder,
    `
variables: [{name: TOKEN, sensitive: true, default: s3cr3t-value}]
tasks:
  - name: default
    actions:
      - cmd: printf s3cr3t; sleep 0.1; printf -- '-value\\n'; echo $TOKEN >&2; exit 3
`,
  ).ended;
  assert.is(stdout, '***\n');
  assert.not.match(stderr, 's3cr3t-value');
});

run('events for programs, and the record for compare', async ({ folder }) => {
  const { code, stdout } = await start(
    folder,
    'tasks: [{name: default, actions: [{parallel: [{description: one, cmd: echo a; sleep 0.1; exit 3}, {description: two, cmd: echo b}]}]}]',
    ['--output', 'json', '--label', 'first'],
  ).ended;
  assert.is(code, 3);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (type: string): Record<string, unknown>[] => events.filter((event) => event['type'] === type);
  assert.equal(
    of('step.output')
      .map(({ step, line }) => `${String(step)} ${String(line)}`)
      .sort(),
    ['default: one a', 'default: two b'],
  );
  assert.equal(
    of('step.ended')
      .map(({ outcome }) => outcome)
      .sort(),
    ['done', 'failed'],
  );
  const [summary] = of('summary');
  assert.is(summary?.['exitCode'], 3);
  const record = JSON.parse(readFileSync(join(folder, 'logs', 'runs.jsonl'), 'utf8')) as Record<string, unknown>;
  assert.is(record['tool'], 'run');
  assert.is(record['exitCode'], 3);
  const listed = spawnSync(process.execPath, [BIN, 'compare', '--tool', 'run'], {
    cwd: folder,
    env: environment(folder),
    encoding: 'utf8',
  });
  assert.match(listed.stdout, 'first');
});

/** Runs hoist on a terminal of its own; `keys` are sent when the named files are there. */
const PTY = `
import os, pty, sys, time, select, json
keys = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
out = b''
def read(wait):
    global out
    ready, _, _ = select.select([fd], [], [], wait)
    if not ready: return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    out += data
    return bool(data)
open_ = True
for file, key in keys:
    while open_ and not os.path.exists(file): open_ = read(0.01)
    os.write(fd, key.encode())
while open_: open_ = read(1)
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(status))
`;

function onTerminal(folder: string, tasks: string, keys: readonly [file: string, key: string][]): Ended {
  writeFileSync(join(folder, 'tasks.yaml'), tasks);
  writeFileSync(join(folder, 'on-terminal.py'), PTY);
  const { status, stdout, stderr } = spawnSync(
    'python3',
    ['on-terminal.py', JSON.stringify(keys), process.execPath, BIN, 'run'],
    { cwd: folder, env: { ...environment(folder), TERM: 'xterm' }, encoding: 'utf8', timeout: 90_000 },
  );
  return { code: status, stdout, stderr };
}

const terminal = python ? run : run.skip;

terminal('bars stand below the lines of actions, and leave the terminal alone for an interactive one', ({ folder }) => {
  const tasks = `
tasks:
  - name: default
    actions:
      - parallel: [{description: one, cmd: "printf 'a\\\\033]0;title\\\\007\\\\033[31mred\\\\033[2Jb\\\\n'; sleep 0.8"}, {description: two, cmd: echo b; sleep 0.8}]
      - {description: ask, interactive: true, cmd: 'touch asked; read line; sleep 0.5; echo "got $line" > got'}
      - cmd: test "$(cat got)" = "got it"
`;
  const { code, stdout } = onTerminal(folder, tasks, [['asked', 'it\r']]);
  assert.is(code, 0, stdout);
  assert.match(stdout, 'default: one |');
  assert.match(stdout, /a\x1b\[31mredb/);
  assert.not.match(stdout, 'title');
  assert.match(stdout, /0\/4.*━|0\/4.*─/);
  assert.match(stdout, /\x1b\[\?25h[^]*done: 4 actions/);
  // Between the echo of what was typed and the end of the action nothing is drawn.
  const typed = stdout.indexOf('it\r\n');
  assert.ok(typed > 0);
  assert.not.match(stdout.slice(typed, typed + 20), '━');
});

terminal('a variable with `prompt` is asked for', ({ folder }) => {
  const tasks = `
variables: [{name: ZONE, prompt: true, description: where to build, default: eu}]
tasks: [{name: default, actions: [{cmd: echo "zone=$ZONE" > got}]}]
`;
  const { code, stdout } = onTerminal(folder, tasks, [['.', 'us\r']]);
  assert.is(code, 0);
  assert.match(stdout, 'ZONE (where to build) [eu]: ');
  assert.is(readFileSync(join(folder, 'got'), 'utf8'), 'zone=us\n');
});

terminal('the usual time of the same run is shown, where there is a log', ({ folder }) => {
  const tasks = 'tasks: [{name: default, actions: [{cmd: echo done}]}]';
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'logs/runs.jsonl'), '');
  assert.not.match(onTerminal(folder, tasks, []).stdout, 'usually');
  assert.match(onTerminal(folder, tasks, []).stdout, /usually \d+ ms/);
});

terminal(
  'Ctrl-C is exactly one SIGINT, clean-up may end, and nothing more starts (go-task 458, 479, 1174)',
  ({ folder }) => {
    const { code } = onTerminal(
      folder,
      `
tasks:
  - name: default
    actions:
      - cmd: |
          trap 'echo int >> count; sleep 0.5; touch cleaned; exit 130' INT
          touch ready
          while :; do sleep 0.05; done
      - cmd: touch never
`,
      [['ready', '\x03']],
    );
    assert.is(code, 130);
    assert.is(readFileSync(join(folder, 'count'), 'utf8'), 'int\n');
    assert.ok(existsSync(join(folder, 'cleaned')));
    assert.not.ok(existsSync(join(folder, 'never')));
  },
);

terminal('a second Ctrl-C kills at once, runs within the run too', ({ folder }) => {
  const stubborn = unique();
  const started = performance.now();
  const { code } = onTerminal(
    folder,
    `
tasks:
  - name: default
    actions:
      - cmd: $HOIST run inner
  - name: inner
    actions:
      - cmd: |
          trap 'touch asked' INT TERM
          touch ready
          while :; do sleep ${stubborn}; done
`,
    [
      ['ready', '\x03'],
      ['asked', '\x03'],
    ],
  );
  assert.is(code, 130);
  assert.ok(performance.now() - started < 60_000);
  assert.equal(processesWith(stubborn), []);
});

terminal('an interactive action has the terminal', ({ folder }) => {
  const { code, stdout } = onTerminal(
    folder,
    `
tasks:
  - name: default
    actions:
      - cmd: test -t 0 && test -t 1 && touch ready && read answer && echo "got $answer"
        interactive: true
`,
    [['ready', 'hello\n']],
  );
  assert.is(code, 0);
  assert.match(stdout, 'got hello');
});

run.run();
