// Reports of other runners' users as cases of our own: each fails there, or once did.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startTimeOf } from '../../scripts/host/incarnation.ts';
import { listTasks, listText } from '../../scripts/tasks/plan/list.ts';
import { Program } from '../../scripts/tasks/includes/program.ts';
import { readTaskFile } from '../../scripts/tasks/file/read.ts';
import { type World, createWorld, refusal } from './world.ts';

const cases = suite<World>('tasks: cases');

cases.before.each((context) => void Object.assign(context, createWorld()));
cases.after.each((context) => context.close());

cases('values with quotes, colons, hashes and line ends stay as they are (maru 199, 171, 211)', async ({ run }) => {
  const file = `
tasks:
  - name: default
    actions:
      - task: show
        with: {pool-size: '4"x', zone: "eu\\nwest"}
  - name: show
    inputs: {pool-size: {description: x}, zone: {description: x}}
    actions:
      - cmd: printf '%s\\n' 'pool:' '\${{ index .inputs "pool-size" }}' '# of' '\${{ .inputs.zone }}'
`;
  assert.is((await run(file)).stdout, 'pool:\n4"x\n# of\neu\nwest\n');
  const wrong = await refusal(run(file.replace('.inputs.zone }}', '.inputs.zoen }}')));
  assert.match(wrong, /tasks\.yaml:10:\d+: task "show" has no input "zoen"; did you mean "zone"\?/);
});

cases('a task, its include and another include may share a name, or a part of it (uds-cli 410)', async (context) => {
  const { run, write, folder } = context;
  write('ship.yaml', 'includes: [{lib: one.yaml}]\ntasks: [{name: pack, actions: [{task: "lib:say"}]}]');
  write('airship.yaml', 'includes: [{lib: two.yaml}]\ntasks: [{name: pack, actions: [{task: "lib:say"}]}]');
  write('one.yaml', 'tasks: [{name: say, actions: [{cmd: echo one}]}]');
  write('two.yaml', 'tasks: [{name: say, actions: [{cmd: echo two}]}]');
  const { stdout } = await run(
    'includes: [{ship: ship.yaml}, {airship: airship.yaml}]\ntasks: [{name: default, actions: [{task: ship}, {task: "airship:pack"}]}, {name: ship, actions: [{task: "ship:pack"}]}]',
  );
  assert.is(stdout, 'one\ntwo\n');
  const root = await readTaskFile(`${folder}/tasks.yaml`, 'tasks.yaml');
  const remote = () => Promise.reject(new Error('nothing here is remote'));
  const program = new Program({ root, cwd: folder, lookup: () => undefined, remote });
  const listed = listText(await listTasks(program, true, () => assert.unreachable()));
  for (const name of ['ship', 'ship:pack', 'ship:lib:say', 'airship:pack', 'airship:lib:say'])
    assert.match(listed, new RegExp(`^${name}$`, 'm'));
});

/** A port that is free. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

cases(
  'a server that is left behind is reached, named and ended (maru 131); waits take variables (zarf 4603)',
  async (context) => {
    const { run, write } = context;
    const port = await freePort();
    write('server.mjs', "import { createServer } from 'node:http';\ncreateServer((_, r) => r.end()).listen(process.argv[2], '127.0.0.1');\n"); // prettier-ignore
    const { error, stderr } = await run(`
tasks:
  - name: default
    actions:
      - cmd: echo ${port}
        setVariables: [{name: PORT}]
      - cmd: node server.mjs $PORT &
      - wait: {network: {protocol: http, address: "127.0.0.1:\${PORT}", code: "200"}}
        timeout: 60s
      - wait: {network: {protocol: tcp, address: "127.0.0.1:$PORT"}}
        timeout: 60s
`);
    assert.is(error, undefined);
    const left = /node \(process (\d+)\), left running by "default: node server\.mjs \$PORT &", was ended/.exec(stderr);
    assert.ok(left, stderr);
    // What has not been waited for yet has ended as well.
    assert.is(await startTimeOf(Number(left[1])), undefined);
  },
);

cases('a failed command is not said to have taken too long (zarf 2299)', async ({ run }) => {
  const { failures } = await run('tasks: [{name: default, actions: [{cmd: exit 1, maxTotalSeconds: 60}]}]');
  assert.is(failures[0]?.message, 'ended with code 1');
});

cases('a muted action shows nothing, however much is asked for (maru 215)', async ({ run }) => {
  const { stdout, stderr, failures } = await run(
    'tasks: [{name: default, actions: [{cmd: "echo hidden; echo hidden >&2; exit 2", description: quiet, mute: true}]}]',
    { quiet: false },
  );
  assert.not.match(stdout + stderr, 'hidden');
  assert.equal(failures[0]?.details.lastLines, []);
});

cases(
  'in GitHub each action has one group, none within another, the failing one too (go-task 2941, mise 5078)',
  async ({ run }) => {
    const { stdout } = await run(
      'tasks: [{name: default, actions: [{parallel: {failure: continue, actions: [{description: a, cmd: sleep 0.2; echo A}, {description: b, cmd: echo B; exit 3}]}}]}]',
      { quiet: false, env: { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true' } },
    );
    assert.is(stdout, '::group::default: a\nA\n::endgroup::\n::group::default: b\nB\n::endgroup::\n');
  },
);

cases(
  'an include that cannot be had does not keep the others from being listed (maru 206)',
  async ({ folder, write }) => {
    write('tasks.yaml', 'includes: [{far: "https://example.invalid/t.yaml"}, {near: near.yaml}]\ntasks: [{name: own}]');
    write('near.yaml', 'tasks: [{name: say}]');
    const root = await readTaskFile(`${folder}/tasks.yaml`, 'tasks.yaml');
    const remote = () => Promise.reject(new Error('no network'));
    const warnings: string[] = [];
    const program = new Program({ root, cwd: folder, lookup: () => undefined, remote });
    const listed = listText(await listTasks(program, true, (message) => warnings.push(message)));
    assert.match(listed, /^near:say$/m);
    assert.equal(warnings, ['include "far" is not listed: no network']);
  },
);

cases('what a list shows of each task is lines of its own, whatever stands in the file', async ({ write, folder }) => {
  write(
    'tasks.yaml',
    'tasks: [{name: "a\\e[2J", description: "one\\n::set-env name=PATH::x\\n", inputs: {"b\\e[31m": {description: "c\\r\\nd"}}, actions: [{cmd: x}]}]',
  );
  const root = await readTaskFile(`${folder}/tasks.yaml`, 'tasks.yaml');
  const remote = () => Promise.reject(new Error('nothing here is remote'));
  const program = new Program({ root, cwd: folder, lookup: () => undefined, remote });
  const listed = listText(await listTasks(program, false, () => assert.unreachable()));
  assert.is(listed, 'a  one ::set-env name=PATH::x\n     --with b=…  c d\n');
});

cases.run();
