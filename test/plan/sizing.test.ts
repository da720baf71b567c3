// Sizing, as a table of machines.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type SizingPolicy, sizeAgents, sizeConcurrency, sizeNode } from '../../scripts/plan/sizing.ts';

const GIB = 2 ** 30;
const sizing = suite('plan: sizing');

const machine = (cpus: number, gib: number) => ({ cpus, memoryBytes: gib * GIB, source: 'test' });

sizing('agents by policy', () => {
  const table: [cpus: number, gib: number, original: number, reserved: number][] = [
    [1, 1, 1, 1],
    [2, 4, 1, 1],
    [4, 4, 2, 1],
    [4, 8, 2, 1],
    [8, 8, 4, 3],
    [8, 16, 4, 3],
    [16, 6, 3, 2],
    [16, 32, 6, 6],
    [64, 256, 6, 6],
  ];
  for (const [cpus, gib, original, reserved] of table) {
    const agents = (policy: SizingPolicy): number => sizeAgents(machine(cpus, gib), policy).agents;
    assert.equal([agents('original'), agents('reserved')], [original, reserved], `${cpus} CPUs, ${gib} GiB`);
  }
});

sizing('the reason has the sum and what was subtracted', () => {
  assert.is(
    sizeAgents(machine(8, 16), 'reserved').reason,
    'policy reserved: 8 CPUs and 16 GiB (test) less 1 CPU and 2 GiB for server and host; min(7 CPUs / 2, 14 GiB / 2 GiB), 1 to 6',
  );
  assert.not.match(sizeAgents(machine(8, 16), 'original').reason, 'less');
});

sizing('concurrency is bounded on both sides', () => {
  assert.equal(
    [1, 2, 4, 8, 64].map((cpus) => sizeConcurrency(machine(cpus, 8)).level),
    [4, 4, 8, 16, 16],
  );
});

sizing('nodes share the machine, and each has something', () => {
  assert.equal(sizeNode(machine(8, 17), 4), { cpus: 2, memoryBytes: 4 * GIB });
  assert.equal(sizeNode(machine(1, 1), 7), { cpus: 1, memoryBytes: 512 * 2 ** 20 });
});

sizing.run();
