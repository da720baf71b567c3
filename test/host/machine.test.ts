// CPUs within a cgroup's quota, and free ports.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { localMachine } from '../../scripts/host/machine.ts';
import { freePorts, isFree } from '../../scripts/host/ports.ts';

const host = suite<{ root: string }>('host: machine and ports', { root: '' });
host.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'hoist-cgroup-'));
});
host.after.each(({ root }) => rmSync(root, { recursive: true }));

host('a CPU quota below the cores counts, rounded down to at least one', ({ root }) => {
  const cores = availableParallelism();
  const cpus = (text: string): number => {
    writeFileSync(join(root, 'cpu.max'), text);
    return localMachine(root).cpus;
  };
  assert.is(cpus('50000 100000\n'), 1);
  assert.is(cpus('100000 100000\n'), 1);
  assert.is(cpus('max 100000\n'), cores);
  assert.is(cpus(`${(cores + 4) * 100_000} 100000\n`), cores);
  assert.ok(localMachine(root).memoryBytes > 0);
});

host('the cgroup is named where its quota counts', ({ root }) => {
  const cores = availableParallelism();
  const source = (quota: number | string): string => {
    writeFileSync(join(root, 'cpu.max'), `${quota} 100000\n`);
    return localMachine(root).source;
  };
  // A limit of memory, where these tests run in one, counts as well.
  const without = localMachine(join(root, 'missing')).source;
  assert.equal([source(cores * 100_000), source('max'), source(0)], [without, without, without]);
  assert.is(source(cores * 100_000 - 1), 'cgroup limit');
  assert.is(source(50_000), 'cgroup limit');
});

host('without a cgroup the cores count', ({ root }) => {
  assert.is(localMachine(join(root, 'missing')).cpus, availableParallelism());
});

host('free ports are different ones, and a taken one is not free', async () => {
  const ports = await freePorts(5);
  assert.is(new Set(ports).size, 5);
  const [port = 0] = ports;
  assert.ok(await isFree(port));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  assert.not.ok(await isFree(port));
  await new Promise((resolve) => server.close(resolve));
});

host.run();
