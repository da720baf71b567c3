// Host collectors: right shapes, own lane, no file lost where two have one name, and nothing waits for a dead API.

import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../../scripts/host/execa.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { bundleOf, bundleSpec } from '../world.ts';

const host = suite<{ root: string }>('host collectors', { root: '' });
host.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), 'host-test-'));
});
host.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

const put = (root: string, path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

const jsonOf = (files: Map<string, string | undefined>, path: string): unknown => JSON.parse(files.get(path) ?? 'null');

host('facts have the shapes that analyzers read', async ({ root }) => {
  put(
    root,
    'proc/cpuinfo',
    'processor\t: 0\nphysical id\t: 0\ncore id\t: 0\nflags\t: fpu sse\n\nprocessor\t: 1\nphysical id\t: 0\ncore id\t: 0\nflags\t: fpu avx\n',
  );
  put(root, 'proc/meminfo', 'MemTotal:       16384 kB\nMemFree: 1 kB\n');
  put(root, 'etc/os-release', 'ID=ol\nVERSION_ID="9.4"\nID_LIKE="fedora"\n');
  put(root, 'proc/modules', 'br_netfilter 32768 0 - Live 0x0\n');
  const { files } = await bundleOf(
    bundleSpec('  hostCollectors: [{cpu: {}}, {memory: {}}, {hostOS: {}}, {kernelModules: {}}]\n'),
    { host: { exec, env: {}, root } },
  );
  const cpu = jsonOf(files, 'host-collectors/system/cpu.json') as { machineArch: string };
  assert.equal(cpu, { logicalCount: 2, physicalCount: 1, flags: ['fpu', 'sse', 'avx'], machineArch: cpu.machineArch });
  assert.equal(jsonOf(files, 'host-collectors/system/memory.json'), { total: 16_777_216 });
  const os = jsonOf(files, 'host-collectors/system/hostos_info.json') as Record<string, string>;
  assert.equal([os['platform'], os['platformVersion'], os['platformFamily']], ['oracle', '9.4', 'rhel']);
  assert.equal(jsonOf(files, 'host-collectors/system/kernel_modules.json'), {
    br_netfilter: { size: 32768, instances: 0, status: 'loaded' },
  });
});

host('three commands of one name give three files, and the plan says so with both places', async () => {
  const run = (word: string): string => `    - run: {collectorName: lvm, command: echo, args: [${word}]}\n`;
  const { files } = await bundleOf(bundleSpec(`  hostCollectors:\n${['a', 'b', 'c'].map(run).join('')}`));
  const words = ['lvm', 'lvm-2', 'lvm-3'].map((name) => files.get(`host-collectors/run-host/${name}.txt`)?.trim());
  assert.equal(words, ['a', 'b', 'c']);
  const { problems } = jsonOf(files, 'execution-data/collect.json') as { problems: { message: string }[] };
  assert.match(problems[0]?.message ?? '', /lvm\.txt as the item at spec\.yaml:6:7 does: this one gets "-2"/);
});

host('a command that fails is a result, one that is not there is a failure, and its input is given', async () => {
  const { files, result } = await bundleOf(
    bundleSpec(`  hostCollectors:
    - run: {collectorName: bad, command: sh, args: [-c, "echo out; echo err >&2; exit 3"]}
    - run: {collectorName: none, command: no-such-program-here}
    - run:
        collectorName: io
        command: sh
        args: [-c, 'cat "$TS_INPUT_DIR/in.txt" > "$TS_OUTPUT_DIR/out.txt"']
        input: {in.txt: hello}
        outputDir: res
`),
  );
  const info = jsonOf(files, 'host-collectors/run-host/bad-info.json') as { exitCode: string };
  assert.is(info.exitCode, '3');
  assert.is(files.get('host-collectors/run-host/bad-stderr.txt')?.trim(), 'err');
  assert.is(files.get('host-collectors/run-host/io/res/out.txt'), 'hello');
  assert.equal(
    result.failures.map(({ collector, reason }) => [collector, reason]),
    [['run/none', 'failed']],
  );
  assert.ok(files.has('host-collectors/errors/none-error.json'));
});

host('a port says whether it is free, an address whether it answers', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  const spare = createServer();
  await new Promise<void>((resolve) => spare.listen(0, '0.0.0.0', resolve));
  const free = (spare.address() as AddressInfo).port;
  await new Promise((resolve) => spare.close(resolve));
  const { files } = await bundleOf(
    bundleSpec(`  hostCollectors:
    - tcpPortStatus: {collectorName: used, port: ${port}}
    - tcpPortStatus: {collectorName: free, port: ${free}}
    - tcpConnect: {collectorName: up, address: "127.0.0.1:${port}"}
    - tcpConnect: {collectorName: down, address: "127.0.0.1:${free}"}
    - tcpConnect: {collectorName: odd, address: "no address"}
`),
  );
  server.close();
  const status = (path: string): string => (jsonOf(files, `host-collectors/${path}.json`) as { status: string }).status;
  assert.is(status('tcpPortStatus/used'), 'address-in-use');
  assert.is(status('tcpPortStatus/free'), 'connected');
  assert.is(status('connect/up'), 'connected');
  assert.is(status('connect/odd'), 'invalid-address');
});

host('copies take what a pattern matches, byte by byte, and pass over links', async ({ root }) => {
  const binary = '\u0000\u0001no newline';
  put(root, 'x/a.bin', binary);
  put(root, 'x/b.txt', 'one\r\n\r\n\r\ntwo');
  put(root, 'x/sub/c.txt', 'c');
  put(root, 'y/a.bin', 'other');
  const { files } = await bundleOf(
    bundleSpec(
      `  hostCollectors:\n    - copy: {collectorName: k, path: "${root}/x/[ab].*"}\n    - copy: {collectorName: d, path: "${root}/x"}\n`,
    ),
  );
  assert.is(files.get('host-collectors/k/a.bin'), binary);
  assert.is(files.get('host-collectors/k/b.txt'), 'one\r\n\r\n\r\ntwo');
  assert.not.ok(files.has('host-collectors/k/sub'));
  assert.is(files.get('host-collectors/d/x/sub/c.txt'), 'c');
});

host('an API that takes connections and never answers holds nothing of the host, and is one clear error', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const connection = { server: `https://127.0.0.1:${port}` };
  const { files, result } = await bundleOf(
    bundleSpec('  collectors: [{clusterInfo: {}}]\n  hostCollectors: [{run: {collectorName: d, command: date}}]\n'),
    {
      access: () =>
        Promise.resolve({
          client: connect(connection, { connectMs: 1_000 }),
          connection,
          namespace: 'default',
          context: 'dead',
        }),
    },
  );
  silent.close();
  assert.ok(files.has('host-collectors/run-host/d.txt'));
  const date = result.reports.find(({ host: ofHost }) => ofHost);
  assert.ok((date?.endedMs ?? Infinity) < 1_000, `${date?.endedMs}`);
  assert.match(result.unreachable ?? '', /cannot be reached/);
  assert.ok(result.wallMs < 6_000, `${result.wallMs}`);
  assert.ok(files.has('collector-errors/cluster-info-error.json'));
});

host('an interruption keeps what there is, and ends in time', async () => {
  const abort = new AbortController();
  const made = bundleOf(
    bundleSpec(`  hostCollectors:
    - run: {collectorName: quick, command: echo, args: [hi]}
    - run: {collectorName: slow, command: sleep, args: ["60"]}
`),
    {
      signal: abort.signal,
      subscribers: [
        (event) => {
          if (event.type === 'step-ended' && event.step.includes('quick')) abort.abort(new Error('stop'));
        },
      ],
    },
  );
  const { files, result } = await made;
  assert.is(files.get('host-collectors/run-host/quick.txt')?.trim(), 'hi');
  assert.equal(
    result.failures.map(({ collector, reason }) => [collector, reason]),
    [['run/slow', 'cancelled']],
  );
  assert.ok(result.wallMs < 10_000);
});

host.run();
