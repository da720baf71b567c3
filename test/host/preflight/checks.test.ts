import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDisk, checkRoom, judgeDisk } from '../../../scripts/host/preflight/disk.ts';
import { checkInotify } from '../../../scripts/host/preflight/limits.ts';
import { checkPort, listeningInode } from '../../../scripts/host/preflight/ports.ts';
import { checkRoutes, overlap, parseCidr, parseRoutes } from '../../../scripts/host/preflight/routes.ts';

const checks = suite<{ folder: string }>('checks of this machine');
const GIB = 2 ** 30;

checks.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'hoist-preflight-'));
});
checks.after.each(({ folder }) => rm(folder, { recursive: true }));

checks('a port that is taken names its owner', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const none = { containers: new Map<number, string>() };
  const taken = await checkPort(port, '127.0.0.1', none);
  assert.is(taken.status, 'fail');
  assert.ok(taken.detail.includes(`(pid ${process.pid})`), taken.detail);
  const container = await checkPort(port, '127.0.0.1', { containers: new Map([[port, 'the container web']]) });
  assert.is(container.detail, 'is taken by the container web');
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await checkPort(port, '127.0.0.1', none), { name: `port ${port}`, status: 'ok', detail: 'free' });
});

checks('room for a folder that is not there yet', async ({ folder }) => {
  const path = join(folder, 'not/yet');
  assert.is((await checkRoom(path, 1, 'Make room.')).status, 'ok');
  const none = await checkRoom(path, 2 ** 60, 'Make room.');
  assert.equal([none.status, none.hint], ['fail', 'Make room.']);
  const { bavail, bsize } = await statfs(folder);
  assert.is((await checkRoom(path, 0.75 * bavail * bsize, 'Make room.')).status, 'warn');
});

checks('the kernel’s table of sockets', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 54321 1`;
  assert.is(listeningInode(table, 8080), '12345');
  assert.is(listeningInode(table, 8081), undefined);
});

checks('disk: by share and by size', async ({ folder }) => {
  assert.is(judgeDisk('disk', 50 * GIB, 100 * GIB).status, 'ok');
  assert.is(judgeDisk('disk', 8 * GIB, 100 * GIB).status, 'warn');
  assert.is(judgeDisk('disk', 4 * GIB, 100 * GIB).status, 'fail');
  assert.is(judgeDisk('disk', 0.4 * GIB, 2 * GIB).status, 'fail');
  assert.match((await checkDisk(folder)).detail, /GiB free/);
  assert.is((await checkDisk(join(folder, 'nowhere'))).status, 'ok');
});

checks('inotify: what the nodes together take', async ({ folder }) => {
  await writeFile(join(folder, 'max_user_instances'), '128\n');
  await writeFile(join(folder, 'max_user_watches'), '524288\n');
  assert.equal(
    (await checkInotify(3, folder)).map(({ status }) => status),
    ['ok', 'ok'],
  );
  const [instances] = await checkInotify(5, folder);
  assert.is(instances?.status, 'warn');
  assert.match(instances?.hint ?? '', /sysctl -w fs\.inotify\.max_user_instances=154/);
  assert.equal(
    (await checkInotify(5, join(folder, 'none'))).map(({ status }) => status),
    ['ok', 'ok'],
  );
});

checks('networks overlap or do not', () => {
  const cidr = (text: string) => parseCidr(text) ?? { address: 0, mask: 0 };
  assert.ok(overlap(cidr('10.42.0.0/16'), cidr('10.0.0.0/8')));
  assert.ok(overlap(cidr('10.0.0.0/8'), cidr('10.42.7.0/24')));
  assert.not(overlap(cidr('10.42.0.0/16'), cidr('10.43.0.0/16')));
  for (const text of ['10.42.0.0', '10.42.0.300/16', 'fd00::/8', '10.42.0.0/33']) assert.is(parseCidr(text), undefined);
});

checks('a VPN in the way is a warning, a network of Docker’s a failure', async ({ folder }) => {
  const table = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t00002A0A\t00000000\t0001\t0\t0\t0\t00FFFF00\t0\t0\t0
tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
docker0\t00002B0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0`;
  const file = join(folder, 'route');
  await writeFile(file, table);
  assert.is(parseRoutes(table).length, 3);
  const networks = [{ name: 'other', subnets: ['172.28.0.0/16'] }];
  const wanted = { pods: '10.42.0.0/16', nodes: '172.28.4.0/24', rest: '192.168.9.0/24' };
  const rows = await checkRoutes(wanted, networks, file);
  assert.equal(
    rows.map(({ status }) => status),
    ['warn', 'fail', 'ok'],
  );
  assert.match(rows[0]?.detail ?? '', /route through tun0/);
  assert.match(rows[1]?.detail ?? '', /Docker's network other/);
});

checks.run();
