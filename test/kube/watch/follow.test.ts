// Following a collection: lists, then watches; resumes where a stream ended, lists again where the server forgot.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Clock } from '../../../scripts/engine/clock.ts';
import { connect } from '../../../scripts/kube/client/client.ts';
import { KubeApiError } from '../../../scripts/kube/client/errors.ts';
import type { KubeObject } from '../../../scripts/kube/object.ts';
import { follow } from '../../../scripts/kube/watch/follow.ts';
import { type Handler, answer, startKubeServer, withKubeServer } from '../../doubles/kube-server.ts';

const following = suite('following a collection');

type Event = [type: string, name: string, version: string];
/** The answer to one watch: events as a stream that then ends, or a refusal of the request itself. */
type Answer = Event[] | { status: number };

const object = (name: string, resourceVersion: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n', resourceVersion },
});

function lineOf([type, name, version]: Event): string {
  const failure = { kind: 'Status', status: 'Failure', code: Number(version), reason: name, message: name };
  return `${JSON.stringify({ type, object: type === 'ERROR' ? failure : object(name, version) })}\n`;
}

/** What a follower was told while the watches were answered like this, and what each of them asked for. */
async function followed(answers: Answer[], random = 1): Promise<{ told: string[]; asked: string[]; waits: number[] }> {
  const told: string[] = [];
  const asked: string[] = [];
  const waits: number[] = [];
  const stop = new AbortController();
  let lists = 0;
  const handle: Handler = ({ query }, response) => {
    const send = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(text);
    };
    if (query.get('watch') === null) {
      const metadata = { resourceVersion: `${++lists}00` };
      return send(200, JSON.stringify({ kind: 'ConfigMapList', metadata, items: [object(`list${lists}`, '1')] }));
    }
    asked.push(`${query.get('resourceVersion')} ${query.get('allowWatchBookmarks')} ${query.get('timeoutSeconds')}`);
    const given = answers.shift();
    if (given === undefined) {
      stop.abort(new Error('enough'));
      return send(200, '');
    }
    if (Array.isArray(given)) return send(200, given.map(lineOf).join(''));
    const { status } = given;
    return send(status, JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message: 'no' }));
  };
  const server = await startKubeServer(handle);
  const client = connect(server.connection);
  const sleep = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
  // Each watch lasts as long as it should.
  let time = 0;
  const clock = { now: () => (time += 300_000), after: () => () => undefined, sleep };
  try {
    await follow<KubeObject>(
      client,
      { path: '/api/v1/configmaps', signal: stop.signal, clock, random: () => random },
      {
        replaced: (objects) => told.push(`replaced ${[...objects.keys()].join(' ')}`),
        changed: (key, { metadata }) => told.push(`changed ${key} ${metadata.resourceVersion}`),
        deleted: (key) => told.push(`deleted ${key}`),
        failed: (error) => told.push(`failed ${error instanceof KubeApiError ? error.status : String(error)}`),
      },
    );
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  } finally {
    client.close();
    await server.close();
  }
  return { told, asked, waits };
}

following('each change is handed on, and a stream that ended is resumed from its last version', async () => {
  const first: Event[] = [
    ['ADDED', 'a', '101'],
    ['MODIFIED', 'a', '102'],
    ['DELETED', 'a', '103'],
    ['BOOKMARK', '', '150'],
  ];
  const { told, asked, waits } = await followed([first, [['ADDED', 'b', '151']]]);
  assert.equal(told, ['replaced n/list1', 'changed n/a 101', 'changed n/a 102', 'deleted n/a', 'changed n/b 151']);
  assert.equal(asked, ['100 true 300', '150 true 300', '151 true 300']);
  assert.equal(waits, []);
});

following('changes that the server no longer has: the whole collection again, which is no failure', async () => {
  for (const gone of [[['ERROR', 'Expired', '410']], { status: 410 }] as Answer[]) {
    const { told, asked } = await followed([[['ADDED', 'a', '101']], gone]);
    assert.equal(told, ['replaced n/list1', 'changed n/a 101', 'replaced n/list2']);
    assert.equal(asked, ['100 true 300', '101 true 300', '200 true 300']);
  }
});

following('those who were refused together do not come back together', async () => {
  const refused = { status: 403 };
  assert.equal((await followed([refused, refused], 0)).waits, [50, 100]);
  assert.equal((await followed([refused, refused], 0.5)).waits, [75, 150]);
});

following('a refusal is reported and tried again, later each time until something arrives', async () => {
  const refused = { status: 403 };
  const { told, waits } = await followed([refused, refused, [['ADDED', 'a', '1']], refused]);
  assert.equal(
    told.filter((one) => !one.startsWith('replaced')),
    ['failed 403', 'failed 403', 'changed n/a 1', 'failed 403'],
  );
  assert.equal(waits, [100, 200, 100]);
});

following(
  'errors that come as events count as failures too: a server that sends nothing else is asked ever later',
  async () => {
    const broken: Answer = [['ERROR', 'InternalError', '500']];
    const { told, waits } = await followed([broken, broken, broken]);
    assert.equal(
      told.filter((one) => !one.startsWith('replaced')),
      ['failed 500', 'failed 500', 'failed 500'],
    );
    assert.equal(waits, [100, 200, 400]);
  },
);

following('the wait is bounded', async () => {
  const { waits } = await followed(Array.from({ length: 11 }, () => ({ status: 403 })));
  assert.equal(waits.slice(7), [12_800, 25_600, 30_000, 30_000]);
});

const EVENT = `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { name: 'a', resourceVersion: '2' } } })}\n`;
const WATCHES = 12;

/** The pauses between watches that end at once, each with this body, for a watch that lasts `lastsMs`. */
async function pausesOf(body: string, lastsMs: number): Promise<number[]> {
  const done = new AbortController();
  const pauses: number[] = [];
  let time = 0;
  const clock: Clock = {
    now: () => time,
    after: () => () => undefined,
    sleep(ms, signal) {
      signal.throwIfAborted();
      pauses.push(ms);
      return Promise.resolve();
    },
  };
  let watches = 0;
  await withKubeServer(
    (arrived, response) => {
      if (arrived.query.get('watch') !== '1') {
        answer(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
        return;
      }
      if (++watches >= WATCHES) done.abort(new Error('seen enough'));
      time += lastsMs;
      answer(response, 200, body);
    },
    async (server) => {
      const client = connect(server.connection);
      const nothing = (): void => undefined;
      const options = { path: '/api/v1/pods', signal: done.signal, clock, random: () => 1 };
      await follow(client, options, { replaced: nothing, changed: nothing, deleted: nothing }).catch(
        (error: unknown) => {
          if (!done.signal.aborted) throw error;
        },
      );
      client.close();
    },
  );
  return pauses;
}

following('empty watches: longer and longer pauses', async () => {
  const pauses = await pausesOf('', 0);
  assert.ok(pauses.length >= WATCHES - 2, `${pauses.length} pauses`);
  assert.ok((pauses.at(-1) ?? 0) >= 20_000, `the last one is ${pauses.at(-1) ?? 0} ms`);
});

following('watches of one event: a pause each time', async () => {
  const pauses = await pausesOf(EVENT, 0);
  assert.ok(pauses.length >= WATCHES - 2, `${pauses.length} pauses`);
});

following('watches that last as long as they should are resumed at once', async () => {
  assert.equal(await pausesOf('', 300_000), []);
});

following.run();
