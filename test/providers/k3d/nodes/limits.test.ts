// Limits of nodes: only what differs is changed, and none is set below what a node holds.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import { limitNodes, restartDying } from '../../../../scripts/providers/k3d/nodes/limits.ts';
import { runsK3s } from '../../../../scripts/providers/k3d/nodes/k3s-process.ts';
import type { K3dRun } from '../../../../scripts/providers/k3d/run.ts';
import { thrown } from '../../../kube/helpers.ts';
import { withEngine } from '../../../docker/answering.ts';

const test = suite('providers/k3d/nodes/limits');

const GIB = 2 ** 30;
const { signal } = new AbortController();

interface Node {
  role: string;
  memory?: number;
  cpus?: number;
  held?: number;
  dying?: boolean;
}

/** What changes of these nodes, as `NAME BODY`, and what is noted. */
async function changed(
  nodes: Record<string, Node>,
  limits: { server?: object; agent?: object },
  act: (run: K3dRun, note: (text: string) => void) => Promise<void>,
): Promise<{ updates: string[]; notes: string[]; stops: string[] }> {
  const updates: string[] = [];
  const stops: string[] = [];
  const notes: string[] = [];
  await withEngine(
    (method, url, body) => {
      const [, , name = '', verb = ''] = url.pathname.split('/');
      if (name === 'json') {
        assert.is(url.searchParams.get('filters'), '{"label":["app=k3d","k3d.cluster=dev"]}');
        return Object.entries(nodes).map(([id, { role }]) => ({
          Id: id,
          Names: [`/${id}`],
          Image: 'i',
          State: 'running',
          Labels: { 'k3d.role': role },
        }));
      }
      const node = nodes[name];
      if (verb === 'json') {
        const State = { OOMKilled: node?.dying === true, Status: 'restarting', StartedAt: '' };
        return { State, RestartCount: 1, HostConfig: { Memory: node?.memory ?? 0, NanoCpus: node?.cpus ?? 0 } };
      }
      if (verb === 'stats') return { memory_stats: { stats: { anon: node?.held ?? 0 } } };
      if (method === 'POST') (verb === 'update' ? updates : stops).push(`${name} ${body}`.trim());
      return {};
    },
    async (engine) => {
      const run = {
        docker: { engine },
        plan: { name: 'dev', limits: { server: {}, agent: {}, ...limits } },
      } as unknown as K3dRun;
      await act(run, (text) => notes.push(text));
    },
  );
  return { updates: updates.sort(), notes, stops };
}
const limit = (nodes: Record<string, Node>, limits: { server?: object; agent?: object }, fresh = false) =>
  changed(nodes, limits, (run, note) => limitNodes(run, fresh, signal, note));

test('only nodes whose limits differ, each by its role; balancers have none', async () => {
  const nodes = {
    s: { role: 'server', memory: 4 * GIB },
    a: { role: 'agent', memory: GIB, cpus: 1e9 },
    b: { role: 'agent', memory: 3 * GIB },
    lb: { role: 'loadbalancer' },
  };
  const { updates, notes } = await limit(nodes, {
    server: { memoryBytes: 4 * GIB },
    agent: { memoryBytes: 3 * GIB, cpus: 1.5 },
  });
  assert.equal(updates, [
    `a {"Memory":${3 * GIB},"MemorySwap":${3 * GIB},"NanoCpus":1500000000}`,
    `b {"Memory":${3 * GIB},"MemorySwap":${3 * GIB},"NanoCpus":1500000000}`,
  ]);
  assert.equal(notes, ['2 of 3 nodes']);
});

test('what is right, or not asked for, is left alone', async () => {
  const nodes = { s: { role: 'server', memory: GIB, cpus: 15e8 }, a: { role: 'agent', memory: 7 } };
  const { updates, notes } = await limit(nodes, { server: { memoryBytes: GIB, cpus: 1.5 } });
  assert.equal([updates, notes], [[], ['unchanged']]);
});

test('a limit at or below what a node holds is refused; one of a node just made is not looked into where it is ample', async () => {
  const nodes = { s: { role: 'server', held: GIB } };
  const refused = await thrown(CreationError, limit(nodes, { server: { memoryBytes: GIB } }));
  assert.is(refused.message, 's holds 1 GiB of memory already, and its limit would be 1 GiB');
  assert.match(refused.hint ?? '', /k3d\.memoryLimitServer/);
  assert.is((await limit(nodes, { server: { memoryBytes: GIB + 1 } })).updates.length, 1);
  assert.is((await limit(nodes, { server: { memoryBytes: GIB } }, true)).updates.length, 1);
  await thrown(CreationError, limit(nodes, { server: { memoryBytes: GIB - 1 } }, true));
});

test('nodes that keep dying are stopped and limited; k3d starts them again', async () => {
  const nodes = { s: { role: 'server' }, a: { role: 'agent', dying: true } };
  const { updates, stops } = await changed(nodes, { agent: { memoryBytes: GIB } }, (run) => restartDying(run, signal));
  assert.equal(stops, ['a']);
  assert.is(updates.length, 1);
});

test('whether k3s runs in a node', async () => {
  const runs = async (said: Parameters<typeof withEngine>[0]): Promise<boolean> => {
    let found = false;
    await withEngine(said, async (engine) => void (found = await runsK3s(engine, 'n', signal)));
    return found;
  };
  const top = (...commands: string[]): object => ({
    '/containers/n/top': { Processes: commands.map((c) => ['root', '1', c]) },
  });
  assert.is(await runs(top('/bin/sh /bin/k3d-entrypoint.sh', '/bin/k3s server') as never), true);
  assert.is(await runs(top('k3s agent') as never), true);
  assert.is(await runs(top('/bin/sh /bin/k3d-entrypoint.sh server', 'containerd') as never), false);
  assert.is(await runs({ '/containers/n/top': [409, { message: 'is not running' }] }), false);
  assert.is(await runs({}), false);
  assert.is(await runs({ '/containers/n/top': [500, { message: 'ps is missing' }] }), true);
});

test.run();
