// Restarting k3s within a node: what the node is asked to do, and in which ones it is not tried or did not work.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endK3s } from '../../../../scripts/providers/k3d/snapshot/k3s-restart.ts';
import { withNodes } from '../nodes-engine.ts';

const test = suite('k3d/snapshot/k3s-restart');
const { signal } = new AbortController();

interface Given {
  says?: readonly [output: string, exitCode: number];
  status?: string;
  pidMode?: string;
  args?: readonly string[] | null;
}

/** @returns when k3s ended, and the words of the commands that ran, without their scripts */
async function restart({
  says = ['ended at 1700000000 7\n', 0],
  status = 'running',
  pidMode = '',
  args = ['server', '-v'],
}: Given) {
  const ran: string[][] = [];
  let endedAt: number | undefined;
  const details = { State: { Status: status }, HostConfig: { PidMode: pidMode }, Config: { Cmd: args } };
  await withNodes(
    [{ name: 'n0', run: (command) => (command.includes('end-k3s') ? says : ['', 0]) }],
    async (engine, commands, asked) => {
      const ended = await endK3s(engine, 'id-n0', ['/a', '/b'], signal);
      endedAt = ended?.endedAt;
      await ended?.start(signal);
      for (const command of commands) ran.push(/ ((?:end|start)-k3s .*)$/.exec(command)?.[1]?.split(' ') ?? [command]);
      for (const line of asked) if (/^POST \/exec\/\d+\/start/.test(line)) ran.push([/\{.*/.exec(line)?.[0] ?? '']);
    },
    { '/containers/id-n0/json': details },
  );
  return { endedAt, ran };
}

test('k3s and its pods end, folders go, and it starts with the arguments of the node, left to run', async () => {
  const { endedAt, ran } = await restart({});
  assert.is(endedAt, 1_700_000_000_000);
  assert.equal(ran, [
    ['end-k3s', '/a', '/b'],
    ['start-k3s', '7', 'server', '-v'],
    ['{"Detach":false,"Tty":false}'],
    ['{"Detach":true,"Tty":false}'],
  ]);
});

test('a node that does not run, shares processes with its machine, or has no arguments is not touched', async () => {
  for (const given of [{ status: 'paused' }, { status: 'exited' }, { pidMode: 'host' }, { args: [] }, { args: null }])
    assert.equal(await restart(given), { endedAt: undefined, ran: [] }, JSON.stringify(given));
});

test('processes that are not as k3d starts them, and output that says nothing: the container has to be restarted', async () => {
  for (const says of [
    ['', 3],
    ['sh: not found', 127],
    ['', 0],
    ['ended at 1 7\n', 5],
  ] as const)
    assert.is((await restart({ says })).endedAt, undefined, says.join(' '));
});

test.run();
