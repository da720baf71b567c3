// maru's meaning of a task file, on real shells: order, variables, inputs, conditions, environment, failures.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../scripts/base/errors.ts';
import { ActionError } from '../../scripts/tasks/actions/action-errors.ts';
import { readMaruConfig } from '../../scripts/tasks/includes/maru-config.ts';
import { type World, createWorld, refusal } from './world.ts';

const tasks = suite<World>('tasks: run');

tasks.before.each((context) => void Object.assign(context, createWorld()));
tasks.after.each((context) => context.close());

tasks('runs actions one after another, with variables in the environment', async ({ run }) => {
  const { stdout, error } = await run(`
variables: [{name: NAME, default: world}, {name: VERSION, default: 1.10}]
tasks:
  - name: default
    actions:
      - cmd: echo "1 $NAME $VERSION $MARU"
      - cmd: echo two
        setVariables: [{name: GOT}]
      - cmd: echo "3 $GOT \${{ .variables.VERSION }}"
`);
  assert.is(error, undefined);
  assert.is(stdout, '1 world 1.10 true\ntwo\n3 two 1.10\n');
});

tasks('UDS_ARCH is that of the environment, of the configuration, or of this machine', async ({ run, folder }) => {
  const arch = async (own: Record<string, string>, configured: Record<string, string>): Promise<string> => {
    const config = await readMaruConfig({ HOME: folder, ...configured }, folder);
    const env = { PATH: process.env['PATH'], HOME: folder, ...own };
    return (await run('tasks: [{name: default, actions: [{cmd: echo $UDS_ARCH}]}]', { env, config })).stdout.trim();
  };
  assert.is(await arch({ UDS_ARCH: 'mine' }, { MARU_ARCHITECTURE: 'theirs' }), 'mine');
  assert.is(await arch({}, { MARU_ARCHITECTURE: 'theirs' }), 'theirs');
  assert.is(await arch({}, {}), process.arch === 'x64' ? 'amd64' : process.arch);
});

tasks('without a name and without a default task, the error says which tasks there are', async ({ run }) => {
  const file = (names: readonly string[]): string =>
    `tasks:\n${names.map((name) => `  - {name: ${name}, actions: [{cmd: 'true'}], internal: ${name === 'own'}}\n`).join('')}`;
  const thrown = async (names: readonly string[]): Promise<UsageError> => {
    const { error } = await run(file(names)).catch((error: unknown) => ({ error }));
    assert.instance(error, UsageError);
    return error as UsageError;
  };
  const few = await thrown(['build', 'own', 'test']);
  assert.is(few.message, 'tasks.yaml has no task "default", and no other was named');
  assert.is(few.hint, 'Name one of its tasks: build, test.');
  const many = await thrown(Array.from({ length: 10 }, (_, i) => `t${i}`));
  assert.is(many.hint, 'Name one of its tasks: t0, t1, t2, t3, t4, t5, t6, t7, and 2 more: --list shows them all.');
  assert.is((await thrown(['own'])).hint, 'Write one, or name one of an include.');
});

tasks('where a misspelled key hides the tasks, the error for the missing one says where', async ({ run }) => {
  const error = await run('variables: []\n(tasks:\n  - name: default\n').catch((error: unknown) => error);
  assert.instance(error, UsageError);
  assert.match((error as UsageError).message, /^tasks\.yaml has no task "default", .*\ntasks\.yaml:2:1: .*\(tasks/);
});

tasks('inputs reach templates and the environment, but no task that is called in turn', async ({ run }) => {
  const { stdout } = await run(`
tasks:
  - name: default
    actions:
      - task: outer
        with: {pool-size: "4", zone: "\${Z}"}
  - name: outer
    inputs: {pool-size: {description: x}, zone: {default: eu}, extra: {default: more}}
    actions:
      - cmd: echo "\${{ index .inputs "pool-size" }} $INPUT_POOL_SIZE \${{ .inputs.zone }} $INPUT_EXTRA"
      - task: inner
  - name: inner
    actions: [{cmd: 'echo "[$INPUT_ZONE]"'}]
variables: [{name: Z, default: us}]
`);
  assert.is(stdout, '4 4 us more\n[]\n');
});

tasks('a failed command ends the run with its code, its path and its last lines', async ({ run }) => {
  const { error, failures, stdout } = await run(`
tasks:
  - name: default
    actions:
      - task: build
      - cmd: echo never
  - name: build
    actions:
      - cmd: |
          echo working
          exit 7
`);
  assert.instance(error, ActionError);
  const [failure] = failures;
  assert.is(failure?.exitCode, 7);
  assert.is(failure?.path, 'tasks.yaml:9:9 ← build (tasks.yaml:5) ← default (tasks.yaml:3)');
  assert.equal(failure?.details.lastLines, ['working']);
  assert.is(stdout, 'working\n');
});

tasks('`if` skips where it is "false", and status functions and `finally` run after a failure', async ({ run }) => {
  const { stdout, error } = await run(`
tasks:
  - name: default
    inputs: {mode: {default: a}}
    actions:
      - cmd: echo no
        if: \${{ eq .inputs.mode "b" }}
      - cmd: echo yes
        if: \${{ eq .inputs.mode "a" }}
      - cmd: echo not failed
        if: failure()
      - cmd: exit 4
      - cmd: echo never
      - cmd: echo failed
        if: failure()
      - cmd: echo always
        if: always()
    finally:
      - cmd: echo finally
`);
  assert.is(stdout, 'yes\nfailed\nalways\nfinally\n');
  assert.is((error as ActionError).exitCode, 4);
});

tasks('includes have the scope of their file', async ({ run, write }) => {
  write(
    'a/tasks.yaml',
    'includes: [{lib: lib.yaml}]\ntasks: [{name: go, actions: [{task: "lib:say"}, {task: own}]}, {name: own, actions: [{cmd: echo own a}]}]',
  );
  write('a/lib.yaml', 'tasks: [{name: say, actions: [{cmd: echo lib of a}]}]');
  write('lib.yaml', 'tasks: [{name: say, actions: [{cmd: echo lib of root}]}]');
  const { stdout } = await run(
    'includes: [{a: a/tasks.yaml}, {lib: lib.yaml}]\ntasks: [{name: default, actions: [{task: "a:go"}, {task: "lib:say"}, {task: a}]}, {name: a, actions: [{cmd: echo task a}]}]',
  );
  assert.is(stdout, 'lib of a\nown a\nlib of root\ntask a\n');
});

tasks('envPath is read as a .env file; a line that is none is named', async ({ run, write }) => {
  write('own.env', 'A="two words" # why\nB=with#special%chars\nexport C=3\nnot a line\n');
  const { stdout, stderr } = await run(
    'tasks: [{name: default, envPath: own.env, actions: [{cmd: \'echo "$A,$B,$C"\'}]}]',
  );
  assert.is(stdout, 'two words,with#special%chars,3\n');
  assert.match(stderr, 'own.env:4: is no line like NAME=value');
});

tasks('envPath is relative to its file and ends with its task', async ({ run, write }) => {
  write('ops/db.yaml', 'tasks: [{name: seed, envPath: db.env, actions: [{cmd: "echo $DB"}]}]');
  write('ops/db.env', '# a comment\nexport DB="one two"\n');
  const file =
    'includes: [{db: ops/db.yaml}]\ntasks: [{name: default, actions: [{task: "db:seed"}, {cmd: "echo [$DB]"}]}]';
  assert.is((await run(file)).stdout, 'one two\n[]\n');
  assert.is((await run(file, { tasks: ['db:seed'] })).stdout, 'one two\n');
});

tasks('a remote file names no files of this machine outside of the folder', async ({ run }) => {
  for (const envPath of ['/etc/environment', '../own.env', 'a/../../own.env']) {
    const text = `tasks: [{name: a, envPath: ${envPath}, actions: [{cmd: echo}]}]`;
    const server = createServer((_, response) => void response.end(text)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const file = `includes: [{r: "http://127.0.0.1:${port}/a.yaml"}]\ntasks: [{name: default, actions: [{task: "r:a"}]}]`;
      const { failures } = await run(file);
      assert.match(
        JSON.stringify(failures.map(({ message, details }) => [message, details])),
        'envPath: a remote file may only name files below the folder of the run',
      );
    } finally {
      server.close();
    }
  }
});

tasks('everything that is wrong is told at once, with places and the nearest names', async ({ run }) => {
  const message = await refusal(
    run(`
tasks:
  - name: default
    inputs: {zone: {default: eu}}
    actions:
      - cmd: echo \${{ .inputs.zoen }}
      - task: biuld
      - cmd: echo hi
        neds: [a]
      - task: needy
  - name: build
  - name: needy
    inputs: {must: {required: true}}
`),
  );
  assert.match(message, 'tasks.yaml:6:23: task "default" has no input "zoen"; did you mean "zone"?');
  assert.match(message, 'tasks.yaml:7:15: there is no task "biuld"; did you mean "build"?');
  assert.match(message, 'tasks.yaml:9:9: unknown key "neds" in an action; did you mean "needs"?');
  assert.match(message, 'task needy is missing required inputs: must');
});

tasks('tasks that call each other for ever are refused; with an `if` on the way they run', async ({ run }) => {
  const loop = 'tasks: [{name: a, actions: [{task: b}]}, {name: b, actions: [{task: a}]}]';
  assert.match(await refusal(run(loop, { tasks: ['a'] })), 'a (tasks.yaml:1) → b (tasks.yaml:1) → a (tasks.yaml:1)');
  const { stdout } = await run(`
variables: [{name: N, default: "3"}]
tasks:
  - name: default
    actions:
      - cmd: echo $((N - 1))
        setVariables: [{name: N}]
      - task: default
        if: \${{ ne .variables.N "0" }}
`);
  assert.is(stdout, '2\n1\n0\n');
});

tasks('maxRetries repeats without a pause, and a time limit is one over all attempts', async ({ run, read }) => {
  const retried = await run(
    'tasks: [{name: default, actions: [{cmd: "echo x >> n; test $(wc -l < n) = 3", maxRetries: 2}]}]',
  );
  assert.is(retried.error, undefined);
  assert.is(read('n'), 'x\nx\nx\n');
  const late = await run(
    'tasks: [{name: default, actions: [{cmd: sleep 30 & sleep 30, timeout: 0.2s, maxRetries: 5}]}]',
  );
  assert.is((late.error as ActionError).exitCode, 124);
  assert.match((late.error as ActionError).message, 'took longer than 0.2 s');
});

tasks('what a command leaves running does not hold it up, and is named and ended with the run', async ({ run }) => {
  const started = performance.now();
  const { stderr, stdout, error } = await run(
    'tasks: [{name: default, actions: [{cmd: sleep 300 &}, {cmd: echo next}]}]',
  );
  assert.is(error, undefined);
  assert.is(stdout, 'next\n');
  assert.match(stderr, /sleep \(process \d+\), left running by "default: sleep 300 &", was ended/);
  assert.ok(performance.now() - started < 20_000);
});

tasks('what becomes a secret is not shown while it is written, nor where that fails', async ({ run }) => {
  const text = `
variables: [{name: TOKEN, sensitive: true, pattern: "^.*$"}]
tasks: [{name: default, actions: [{cmd: "echo s3cr3t-token; END", setVariables: [{name: TOKEN}]}, {cmd: echo $TOKEN}]}]
`;
  assert.is((await run(text.replace('END', 'true'))).stdout, '***\n');
  const { stdout, failures } = await run(text.replace('END', 'exit 3'));
  assert.is(stdout, '');
  assert.equal(failures[0]?.details.lastLines, []);
});

tasks('several tasks run in order, or all at once, and what runs once runs once for all', async ({ run, read }) => {
  const text = `
tasks:
  - {name: a, actions: [{task: shared}, {cmd: touch a; WAIT; echo a}]}
  - {name: b, actions: [{task: shared}, {cmd: touch b; echo b}]}
  - {name: shared, once: true, actions: [{cmd: echo shared >> shared}]}
`;
  const asked = { tasks: ['a', 'b'] };
  assert.is((await run(text.replace('WAIT', 'true'), asked)).stdout, 'a\nb\n');
  const waiting = text.replace('WAIT', 'rm -f b; until test -e b; do sleep 0.01; done');
  const { error, stdout } = await run(waiting.replace('touch b;', 'until test -e a; do sleep 0.01; done; sleep 0.1; touch b;'), { ...asked, parallel: true }); // prettier-ignore
  assert.is(error, undefined);
  assert.is(stdout, 'a\nb\n');
  assert.is(read('shared'), 'shared\nshared\n');
});

tasks('of several tasks at once the first failure gives the code, and nothing new starts', async ({ run }) => {
  const text = `
tasks:
  - {name: a, actions: [{cmd: sleep 0.3; exit 5}]}
  - {name: b, actions: [{cmd: exit 4}]}
`;
  const { error, failures } = await run(text, { tasks: ['a', 'b'], parallel: true });
  assert.is((error as ActionError).exitCode, 4);
  assert.is(failures.length, 2);
});

tasks.run();
