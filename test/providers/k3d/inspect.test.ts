// What there is of a cluster: absent, the same, different with each difference, or damaged with the reason.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectCluster } from '../../../scripts/providers/k3d/inspect.ts';
import { fingerprint, type Identity, PLAN_LABEL } from '../../../scripts/providers/k3d/plan/identity.ts';
import { type K3dState, layoutOf, writeK3dState } from '../../../scripts/providers/k3d/state.ts';
import type { Situation } from '../../../scripts/providers/provider.ts';
import { withEngine } from '../../docker/answering.ts';

const test = suite('providers/k3d/inspect');

const WANTED: Identity = { servers: '1', agents: '1', image: 'k3s:1' };

interface Node {
  state?: string;
  role?: string;
  made?: Identity | undefined;
  dying?: boolean;
}

const inspect = (nodes: Node[], wanted = WANTED, state?: Partial<K3dState>): Promise<Situation> =>
  inspected(nodes, wanted, state);
const withoutPlan = (nodes: Node[], state?: Partial<K3dState>): Promise<Situation> =>
  inspected(nodes, undefined, state);

async function inspected(
  nodes: Node[],
  wanted: Identity | undefined,
  state: Partial<K3dState> | undefined,
): Promise<Situation> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-inspect-'));
  const layout = layoutOf(folder, 'dev');
  if (state !== undefined)
    await writeK3dState(layout, { version: 1, createdAt: 'x', identity: WANTED, finished: true, caches: [], ...state });
  let found: Situation = { kind: 'absent' };
  await withEngine(
    (_, url) => {
      if (url.pathname === '/containers/json') {
        return nodes.map(({ state: is = 'running', role = 'server', made }, i) => ({
          Id: String(i),
          Names: [`/${role}-${i}`],
          Image: 'i',
          State: is,
          Labels: { 'k3d.role': role, ...(made === undefined ? {} : { [PLAN_LABEL]: fingerprint(made) }) },
        }));
      }
      const node = nodes[Number(url.pathname.split('/')[2])];
      return { State: { OOMKilled: node?.dying === true, Status: 'exited' }, RestartCount: 1 };
    },
    async (engine) => void (found = await inspectCluster(engine, 'dev', wanted, layout)),
  );
  rmSync(folder, { recursive: true });
  return found;
}

const server: Node = { made: WANTED };
const agent: Node = { made: WANTED, role: 'agent' };
const balancer: Node = { role: 'loadbalancer' };

test('absent, or nothing but a balancer', async () => {
  assert.equal(await inspect([]), { kind: 'absent' });
  assert.equal(await inspect([balancer]), { kind: 'damaged', reasons: ['its creation was not finished'] });
});

test('the same', async () => {
  assert.equal(await inspect([server, agent, balancer]), { kind: 'same' });
  assert.equal(await inspect([server, agent], WANTED, {}), { kind: 'same' });
});

test('made from another plan: each difference where it is known', async () => {
  const other: Identity = { ...WANTED, image: 'k3s:0' };
  const differences = async (nodes: Node[], state?: Partial<K3dState>): Promise<unknown> => {
    const found = await inspect(nodes, WANTED, state);
    return found.kind === 'different' ? found.differences : found;
  };
  assert.equal(await differences([{ made: other }], { identity: other }), [
    { what: 'image', have: 'k3s:0', want: 'k3s:1' },
  ]);
  const unknown = `${fingerprint(other)}, of which nothing is known here`;
  assert.equal(await differences([{ made: other }]), [{ what: 'plan', have: unknown, want: fingerprint(WANTED) }]);
  assert.equal(await differences([{}]), [{ what: 'made by', have: 'k3d alone', want: 'hoist' }]);
  assert.equal(await differences([server, { ...agent, made: other }], { identity: other }), [
    { what: 'image', have: 'k3s:0', want: 'k3s:1' },
  ]);
});

test('half made, half restored, or stopped', async () => {
  const half = { kind: 'damaged', reasons: ['its creation was not finished'] };
  assert.equal(await inspect([server, agent], WANTED, { finished: false }), half);
  assert.equal(await inspect([server, { ...agent, state: 'created' }]), half);
  assert.equal(await inspect([server, agent], WANTED, { restoring: 'full' }), {
    kind: 'damaged',
    reasons: ['the snapshot "full" was not restored to its end'],
  });
  assert.equal(await inspect([server, { ...agent, state: 'exited' }, { ...balancer, state: 'exited' }]), {
    kind: 'damaged',
    reasons: ['agent-1 is exited', 'loadbalancer-2 is exited'],
  });
});

test('nodes that are missing, each role by itself', async () => {
  assert.equal(await inspect([server, balancer]), {
    kind: 'different',
    differences: [{ what: 'agent nodes', have: '0', want: '1' }],
  });
  assert.equal(await inspect([agent]), {
    kind: 'different',
    differences: [{ what: 'server nodes', have: '0', want: '1' }],
  });
});

test('a node that is killed again and again', async () => {
  assert.equal(await inspect([server, { ...agent, dying: true }]), {
    kind: 'damaged',
    reasons: ['agent-1 is killed for want of memory'],
  });
});

test('without a plan it is right as it was made', async () => {
  assert.equal(await withoutPlan([{ made: { any: 'x' } }, agent]), { kind: 'same' });
  assert.equal(await withoutPlan([server], {}), {
    kind: 'different',
    differences: [{ what: 'agent nodes', have: '0', want: '1' }],
  });
});

test.run();
