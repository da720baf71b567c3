import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sizeLimits, systemReserved } from '../../../../scripts/providers/k3d/plan/sizing.ts';

const sizing = suite('limits of nodes');
const GIB = 2 ** 30;
const engine = { cpus: 8, memoryBytes: 16 * GIB, source: 'docker info' };
const nodes = (servers: number, agents: number) => ({ servers, agents, loadBalancer: false });
const refusal = (limits: unknown): string => (typeof limits === 'string' ? limits : 'accepted');
const none = { server: {}, agent: {} };

sizing('equal shares of what the host leaves', () => {
  const limits = sizeLimits(engine, nodes(1, 2), 'reserved', none);
  assert.equal(limits, {
    server: { memoryBytes: 5 * GIB, cpus: undefined },
    agent: { memoryBytes: 5 * GIB, cpus: undefined },
    reason: 'policy reserved: 1 × 5 GiB for servers + 2 × 5 GiB for agents = 15 GiB of 16 GiB (docker info)',
  });
});

sizing('a node may have all CPUs of the engine, and not one more', () => {
  const withCpus = (cpus: number): unknown =>
    sizeLimits(engine, nodes(1, 0), 'reserved', { ...none, server: { cpus } });
  assert.is(refusal(withCpus(8)), 'accepted');
  assert.match(refusal(withCpus(9)), 'a node cannot have 9 CPUs, the engine has 8 (docker info)');
});

sizing('the policy original, and the sum that refuses it', () => {
  const limits = sizeLimits(engine, nodes(1, 2), 'original', none);
  assert.ok(typeof limits !== 'string');
  assert.is(limits.server.memoryBytes, 2 * GIB);
  assert.is(limits.agent.memoryBytes, 1.5 * GIB);
  assert.is(
    sizeLimits({ ...engine, memoryBytes: 4 * GIB }, nodes(1, 2), 'original', none),
    '1 × 2 GiB for servers + 2 × 1.5 GiB for agents = 5 GiB, and the engine has 4 GiB (docker info)',
  );
});

sizing("the user's limits stand, never above what the engine has", () => {
  const given = { server: { memoryBytes: 3 * GIB, cpus: 2 }, agent: { memoryBytes: GIB } };
  const limits = sizeLimits(engine, nodes(1, 1), 'reserved', given);
  assert.ok(typeof limits !== 'string');
  assert.equal(limits.server, { memoryBytes: 3 * GIB, cpus: 2 });
  assert.equal(limits.agent, { memoryBytes: GIB, cpus: undefined });
  assert.match(
    refusal(sizeLimits(engine, nodes(1, 0), 'reserved', { server: { memoryBytes: 17 * GIB }, agent: {} })),
    /^1 × 17 GiB for servers, and the engine has 16 GiB/,
  );
  assert.match(
    refusal(sizeLimits(engine, nodes(1, 0), 'reserved', { server: { cpus: 9 }, agent: {} })),
    /cannot have 9 CPUs, the engine has 8/,
  );
});

sizing('a kubelet keeps back what its container may not use', () => {
  assert.is(systemReserved(engine, { memoryBytes: 4 * GIB, cpus: 1.5 }), 'cpu=6500m,memory=12288Mi');
  assert.is(systemReserved(engine, { memoryBytes: 4 * GIB }), 'memory=12288Mi');
  assert.is(systemReserved(engine, { memoryBytes: 16 * GIB, cpus: 8 }), undefined);
  assert.is(systemReserved(engine, {}), undefined);
});

sizing.run();
