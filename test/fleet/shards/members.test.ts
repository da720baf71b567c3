// Leases of shards: when one may write, and when others take over.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Members } from '../../../scripts/fleet/shards/members.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { FakeClock } from '../../doubles/clock.ts';
import { answer, startKubeServer, statusObject } from '../../doubles/kube-server.ts';

const test = suite('fleet/shards/members');

interface Shard {
  members: Members;
  changes: string[];
}

interface Hub {
  clock: FakeClock;
  /** ms that the wall clock is ahead of the other one. */
  ahead: number;
  leases: Map<string, object>;
  /** Whether requests fail. */
  down: 'no' | 'reads' | 'all';
  join: (name: string) => Shard;
  /** Lets the time pass, second by second, and requests be answered. */
  pass: (seconds: number) => Promise<void>;
}

async function withHub(work: (hub: Hub) => Promise<void>): Promise<void> {
  let underWay = 0;
  const server = await startKubeServer(({ method, path, body }, response) => {
    const key = path.split('/').at(-1) ?? '';
    if (hub.down === 'all' || (hub.down === 'reads' && method === 'GET')) {
      answer(response, 500, statusObject(500, 'InternalError', 'away'));
    } else if (method === 'PATCH') {
      hub.leases.set(key, JSON.parse(body) as object);
      answer(response, 200, hub.leases.get(key));
    } else if (method === 'DELETE') {
      hub.leases.delete(key);
      answer(response, 200, statusObject(200, '', ''));
    } else answer(response, 200, { metadata: {}, items: [...hub.leases.values()] });
  });
  const real = connect(server.connection);
  const counted = <T>(promise: Promise<T>): Promise<T> => {
    underWay += 1;
    return promise.finally(() => (underWay -= 1));
  };
  const client = {
    ...real,
    server: real.server,
    request: (request: Parameters<typeof real.request>[0]) => counted(real.request(request)),
    json: <T>(request: Parameters<typeof real.request>[0]) => counted(real.json<T>(request)),
  };
  const stop = new AbortController();
  const running: Promise<unknown>[] = [];
  const hub: Hub = {
    clock: new FakeClock(),
    ahead: 0,
    leases: new Map(),
    down: 'no',
    join(name) {
      const changes: string[] = [];
      const members = new Members({
        client,
        clock: hub.clock,
        now: () => new Date(1e12 + hub.clock.now() + hub.ahead),
        namespace: 'x',
        name,
        onChange: (all) => changes.push(all.join(' ')),
        onProblem: () => undefined,
      });
      running.push(members.run(stop.signal).catch(() => undefined));
      return { members, changes };
    },
    async pass(seconds) {
      for (let second = 0; second <= seconds; second++) {
        if (second > 0) hub.clock.advance(1_000);
        do await new Promise((resolve) => setTimeout(resolve, 2));
        while (underWay > 0);
      }
    },
  };
  try {
    await work(hub);
  } finally {
    stop.abort(new Error('done'));
    await Promise.all(running);
    real.close();
    await server.close();
  }
}

test('one that is alone begins at once; one that comes waits until all others have seen it', async () => {
  await withHub(async (hub) => {
    const a = hub.join('a');
    await hub.pass(0);
    assert.equal(a.changes, ['a']);
    const b = hub.join('b');
    await hub.pass(2);
    assert.equal(a.changes, ['a', 'a b'], "the first one gives away what is the other one's");
    assert.is(b.members.mayWriteMs(), 0);
    await hub.pass(10);
    assert.equal(b.changes, ['a b']);
    assert.ok(b.members.mayWriteMs() > 0);
  });
});

test('one that cannot renew begins no write after 10 s, has none under way after 14 s, and is gone for others after 15 s', async () => {
  await withHub(async (hub) => {
    const a = hub.join('a');
    await hub.pass(0);
    hub.down = 'all';
    await hub.pass(9);
    assert.is(a.members.mayWriteMs(), 5_000);
    await hub.pass(1);
    assert.is(a.members.mayWriteMs(), 0);
    await hub.pass(1);
    assert.equal(a.changes, ['a', ''], 'it has no clusters any more');
    hub.down = 'no';
    await hub.pass(1);
    assert.equal(a.changes, ['a', '', 'a']);
  });
});

test('one that sees nobody any more does not take what is theirs, and stops as well', async () => {
  await withHub(async (hub) => {
    const a = hub.join('a');
    await hub.pass(0);
    hub.join('b');
    await hub.pass(12);
    hub.down = 'reads';
    await hub.pass(30);
    assert.equal(a.changes, ['a', 'a b', '']);
  });
});

test('one whose machine slept comes back like a new one, although its own clock stood still', async () => {
  await withHub(async (hub) => {
    const a = hub.join('a');
    await hub.pass(0);
    hub.join('b');
    await hub.pass(12);
    assert.ok(a.members.mayWriteMs() > 0);
    hub.ahead = 60_000;
    assert.is(a.members.mayWriteMs(), 0);
    await hub.pass(5);
    assert.is(a.members.mayWriteMs(), 0, 'the other one may have what is its own');
    await hub.pass(12);
    assert.ok(a.members.mayWriteMs() > 0);
  });
});

test('one whose Lease is not renewed is gone for the others after 15 s by their own clock', async () => {
  await withHub(async (hub) => {
    hub.leases.set('hoist-sync-dead', {
      metadata: { name: 'hoist-sync-dead' },
      spec: { holderIdentity: 'dead', renewTime: '2050-01-01T00:00:00.000000Z' },
    });
    const a = hub.join('a');
    await hub.pass(14);
    assert.equal(a.changes, ['a dead']);
    await hub.pass(1);
    assert.equal(a.changes, ['a dead', 'a']);
  });
});

test.run();
