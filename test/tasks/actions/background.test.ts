// Background actions: ready by log, tcp, http and command; ended with their task; their deaths.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld, outcomes } from '../world.ts';

const background = suite<World>('tasks: background');

background.before.each((context) => void Object.assign(context, createWorld()));
background.after.each((context) => context.close());

const SERVER = `node -e 'const s=require("net").createServer(c=>c.end("HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n"));s.listen(0,"127.0.0.1",()=>{require("fs").writeFileSync("port",String(s.address().port));process.stdout.write("lis");setTimeout(()=>process.stdout.write("tening"),30)});process.on("SIGTERM",()=>process.exit(143))'`;

background(
  'is ready by a text that comes in two pieces, and stopped at the end of its task without being a failure (concurrently 187)',
  async ({ run, read, write }) => {
    write('server.sh', SERVER);
    const {
      error,
      run: record,
      stdout,
    } = await run(`
tasks:
  - name: default
    actions:
      - task: test
      - cmd: kill -0 $(cat pid) 2>/dev/null && echo alive || echo gone
  - name: test
    actions:
      - description: server
        cmd: echo $$ > pid; exec sh server.sh
        background: true
        ready: {log: listening, timeout: 20s}
      - wait: {network: {protocol: http, address: "127.0.0.1:$(PORT)"}}
        if: "false"
      - cmd: kill -0 $(cat pid) && echo tested
`);
    assert.is(error, undefined);
    assert.match(stdout, 'tested\n');
    assert.match(stdout, 'gone\n');
    assert.ok(Number(read('port')) > 0);
    const server = record.steps.find(({ name }) => name === 'test: server');
    assert.is(server?.outcome, 'done');
    assert.equal(server?.notes, ['stopped']);
  },
);

background('is ready by a port, a URL and a command', async ({ run, write }) => {
  write('server.sh', SERVER);
  for (const ready of ['{tcp: "127.0.0.1:${PORT}"}', '{http: "http://127.0.0.1:${PORT}/"}', '{cmd: test -e port}']) {
    const { stdout, error } = await run(`
variables: [{name: PORT}]
tasks:
  - name: default
    actions:
      - cmd: rm -f port; node -e 'const s=require("net").createServer().listen(0,()=>{console.log(s.address().port);s.close()})'
        setVariables: [{name: PORT}]
        mute: true
      - cmd: sed "s/listen(0/listen($PORT/" server.sh > own.sh; exec sh own.sh
        background: true
        ready: ${ready}
      - cmd: test -e port && echo up
`);
    assert.is(error, undefined, ready);
    assert.match(stdout, 'up\n');
  }
});

background('that dies before it is ready stops what depends on it at once', async ({ run }) => {
  const started = performance.now();
  const { failures, stdout } = await run(`
tasks:
  - name: default
    actions:
      - cmd: echo cannot bind >&2; exit 5
        background: true
        ready: {tcp: "127.0.0.1:1", timeout: 60s}
      - cmd: echo never
`);
  assert.is(stdout, '');
  assert.is(failures[0]?.message, 'ended with code 5 before it was ready');
  assert.equal(failures[0]?.details.lastLines, ['cannot bind']);
  assert.equal([failures[0]?.exitCode, failures[0]?.details.attempts], [5, 1]);
  assert.ok(performance.now() - started < 30_000);
});

background('that dies while it is needed is the failure, and what runs is given up', async ({ run }) => {
  const { failures, run: record } = await run(`
tasks:
  - name: default
    actions:
      - {description: server, cmd: sleep 0.2; exit 6, background: true}
      - {description: tests, cmd: sleep 60}
      - {description: more, cmd: echo never}
`);
  assert.is(failures.length, 1);
  assert.is(failures[0]?.message, 'ended with code 6 while it was needed');
  assert.equal(outcomes(record), { 'default: server': 'failed', 'default: tests': 'given-up' });
});

background('that is not ready in time fails with what was missing, and is ended', async ({ run }) => {
  const { failures } = await run(`
tasks:
  - name: default
    actions:
      - cmd: sleep 60
        background: true
        ready: {cmd: echo first >&2; echo no such thing >&2; exit 1, timeout: 0.5s}
`);
  assert.match(failures[0]?.message ?? '', /was not ready within 0\.5 s: no such thing$/);
  assert.is(failures[0]?.exitCode, 124);
});

background('how it ends by itself, before and after it was ready: code, signal, and well', async ({ run }) => {
  const of = async (cmd: string, ready: boolean) => {
    const until = ready ? '' : ', ready: {tcp: "127.0.0.1:1", timeout: 60s}';
    const { failures, run: record } = await run(
      `tasks: [{name: default, actions: [{description: s, cmd: '${cmd}', background: true${until}}, {description: t, cmd: ${ready ? 'sleep 0.3' : 'echo never'}}]}]\n`,
    );
    const server = record.steps.find(({ name }) => name === 'default: s');
    return [failures[0]?.message, failures[0]?.exitCode, server?.outcome, server?.notes];
  };
  const early = 'before it was ready';
  assert.equal(await of('exit 1', false), [`ended with code 1 ${early}`, 1, 'failed', undefined]);
  assert.equal(await of('exit 0', false), [`ended with code 0 ${early}`, 1, 'failed', undefined]);
  assert.equal(await of('kill -9 $$', false), [`was ended by SIGKILL ${early}`, 1, 'failed', undefined]);
  assert.equal(await of('exit 1', true), ['ended with code 1 while it was needed', 1, 'failed', undefined]);
  assert.equal(await of('exit 6', true), ['ended with code 6 while it was needed', 6, 'failed', undefined]);
  assert.equal(await of('kill -9 $$', true), ['was ended by SIGKILL while it was needed', 1, 'failed', undefined]);
  assert.equal(await of('exit 0', true), [undefined, undefined, 'done', ['ended by itself']]);
});

background.run();
