// What a k3d cluster looks like: its containers with their limits and deaths, its ports, and what is left of one that failed.

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clusterStatus } from '../../../scripts/providers/k3d/status.ts';
import { type K3dState, layoutOf, readK3dState, writeK3dState } from '../../../scripts/providers/k3d/state.ts';
import type { ClusterStatus } from '../../../scripts/providers/provider.ts';
import { withEngine } from '../../docker/answering.ts';

const test = suite('providers/k3d/status');

interface Node {
  name?: string;
  state?: string;
  details?: object;
}

const details = ({ name = 'k3d-dev-server-0', details: own = {} }: Node): object => ({
  ...{ Name: `/${name}`, Created: '2026-01-01T00:00:00Z', RestartCount: 0 },
  State: { Status: 'running', OOMKilled: false, StartedAt: new Date(Date.now() - 5_000).toISOString() },
  ...{ HostConfig: { Memory: 0, NanoCpus: 0 }, NetworkSettings: { Ports: null, Networks: {} } },
  ...own,
});

async function status(
  nodes: Node[],
  state?: Partial<K3dState>,
  kubeconfig?: string,
): Promise<ClusterStatus | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-status-'));
  const layout = layoutOf(folder, 'dev');
  if (state)
    await writeK3dState(layout, {
      version: 1,
      createdAt: '2025-01-01T00:00:00Z',
      identity: {},
      finished: true,
      caches: [],
      ...state,
    });
  mkdirSync(layout.root, { recursive: true });
  if (kubeconfig !== undefined) writeFileSync(layout.kubeconfig, kubeconfig);
  let found: ClusterStatus | undefined;
  await withEngine(
    (_, url) =>
      url.pathname === '/containers/json'
        ? nodes.map(({ name = 'k3d-dev-server-0', state: is = 'running' }, i) => ({
            Id: String(i),
            Names: [`/${name}`],
            Image: 'i',
            State: is,
            Labels: null,
          }))
        : details(nodes[Number(url.pathname.split('/')[2])] ?? {}),
    async (engine) => void (found = await clusterStatus(engine, 'dev', layout)),
  );
  rmSync(folder, { recursive: true });
  return found;
}
const lines = (found: ClusterStatus | undefined): string[] =>
  (found?.components ?? []).map(({ name, ok, detail }) => `${ok ? '+' : '-'} ${name}: ${detail}`);

test('none, or the evidence of one that failed', async () => {
  assert.is(await status([]), undefined);
  const left = await status([], {});
  assert.equal([left?.state, left?.createdAt, left?.nodes, left?.ports], ['stopped', '2025-01-01T00:00:00Z', [], {}]);
  assert.match(
    lines(left).join(),
    /^- containers: none is left; their logs are in .*diagnostics; `hoist up --name dev` recreates it$/,
  );
});

test('each container with its state, limits, restarts and deaths', async () => {
  const State = { Status: 'running', OOMKilled: true, StartedAt: new Date(Date.now() - 500_000).toISOString() };
  const found = await status([
    { details: { HostConfig: { Memory: 2 ** 30, NanoCpus: 15e8 }, RestartCount: 2 } },
    { name: 'once', details: { State } },
    { name: 'dying', details: { State: { ...State, StartedAt: new Date().toISOString() }, RestartCount: 1 } },
    { name: 'gone', state: 'exited' },
  ]);
  assert.equal(lines(found), [
    '+ k3d-dev-server-0: running, 1 GiB, 1.5 CPUs, started 2 times more',
    '+ once: running, short of memory once',
    '- dying: running, started 1 times more, killed for want of memory',
    '- gone: exited',
    '- api: has no kubeconfig here yet',
  ]);
  const ages = found?.components.map(({ ageMs }) => (ageMs === undefined ? undefined : Math.round(ageMs / 100_000)));
  assert.equal(ages, [0, 5, undefined, undefined, undefined]);
  assert.is(found?.state, 'degraded');
});

test('the API is asked where its kubeconfig has an address', async () => {
  const api = async (kubeconfig?: string): Promise<[server: string | undefined, detail: string]> => {
    const found = await status([{}], {}, kubeconfig);
    return [found?.server, found?.components.find(({ name }) => name === 'api')?.detail ?? ''];
  };
  assert.equal(await api(), [undefined, 'has no kubeconfig here yet']);
  assert.equal(await api('users: []\n'), [undefined, 'has no kubeconfig here yet']);
  for (const quote of ['', '"']) {
    const text = `clusters: [{ name: c, cluster: {} }]\nserver: ${quote}https://127.0.0.1:1${quote}\n`;
    const [server, detail] = await api(text);
    assert.is(server, 'https://127.0.0.1:1');
    assert.is(detail, 'its kubeconfig here is damaged; `hoist start` writes it again');
  }
});

test('what is remembered is for the user alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-status-'));
  const layout = layoutOf(folder, 'dev');
  await writeK3dState(layout, { version: 1, createdAt: '', identity: {}, finished: true, caches: [] });
  assert.equal([statSync(layout.root).mode & 0o777, statSync(layout.state).mode & 0o777], [0o700, 0o600]);
  assert.is((await readK3dState(layout))?.finished, true);
  for (const text of ['', '{', '{"version":2}', '{}']) {
    writeFileSync(layout.state, text);
    assert.is(await readK3dState(layout), undefined, text);
  }
  rmSync(folder, { recursive: true });
});

test('stopped where nothing runs; when it was made by the state, else by its containers', async () => {
  const stopped = await status([{ state: 'exited' }]);
  assert.equal([stopped?.state, stopped?.createdAt], ['stopped', '2026-01-01T00:00:00Z']);
  assert.is((await status([{ state: 'exited' }], {}))?.createdAt, '2025-01-01T00:00:00Z');
});

test('what is published, by what it leads to', async () => {
  const Ports = {
    '6443/tcp': [{ HostIp: '', HostPort: '7000' }],
    '80/tcp': [{ HostIp: '', HostPort: '8080' }],
    '443/tcp': null,
    '53/udp': [],
    '1/tcp': [{ HostIp: '', HostPort: '0' }],
  };
  const found = await status([{ name: 'k3d-dev-serverlb', details: { NetworkSettings: { Ports, Networks: {} } } }]);
  assert.equal(found?.ports, { api: 7000, 'k3d-dev-serverlb 80/tcp': 8080 });
});

test('a restore that did not end is named', async () => {
  const found = await status([{}], { restoring: 'full' });
  assert.ok(lines(found).includes('- snapshot: "full" was not restored to its end: `hoist start dev` ends it'));
});

test.run();
