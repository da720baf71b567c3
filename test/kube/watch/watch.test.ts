// Following a collection against a server that does everything that may happen to a watch.

import type { Http2ServerResponse } from 'node:http2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connect, type KubeClient } from '../../../scripts/kube/client/client.ts';
import { KubeApiError, KubeConnectionError } from '../../../scripts/kube/client/errors.ts';
import { type Snapshot, watchUntil, WatchTimeoutError } from '../../../scripts/kube/watch/watch.ts';
import type { KubeObject } from '../../../scripts/kube/object.ts';
import { answer, type Arrived, statusObject, withKubeServer } from '../../doubles/kube-server.ts';
import { thrown } from '../helpers.ts';

const watch = suite('kube: watch');

type Answerer = (response: Http2ServerResponse, arrived: Arrived) => void;

function item(name: string, resourceVersion: string): KubeObject {
  return { metadata: { name, resourceVersion } };
}

/** Answers with a list. */
function list(resourceVersion: string, ...names: string[]): Answerer {
  return (response) =>
    answer(response, 200, { metadata: { resourceVersion }, items: names.map((name) => item(name, resourceVersion)) });
}

function event(type: string, name: string, version: string): string {
  return `${JSON.stringify({ type, object: item(name, version) })}\n`;
}

/** Streams events and leaves the stream open. */
function open(...events: string[]): Answerer {
  return (response) => {
    response.writeHead(200);
    response.write(events.join(''));
  };
}

/** Streams events and ends the stream, as a server does whose `timeoutSeconds` are over. */
function ended(...events: string[]): Answerer {
  return (response) => answer(response, 200, events.join(''));
}

/** Runs a watch against answers that are given in this order; resolves with the requests as `list` or `watch VERSION`. */
async function follow(
  answers: readonly Answerer[],
  run: (client: KubeClient, cut: () => void) => Promise<void>,
): Promise<string[]> {
  const requests: string[] = [];
  let given = 0;
  await withKubeServer(
    (arrived, response) => {
      const isWatch = arrived.query.get('watch') === '1';
      requests.push(isWatch ? `watch ${arrived.query.get('resourceVersion') ?? ''}` : 'list');
      const next = answers[given++];
      assert.ok(next, `request ${given} was not expected: ${requests.join(', ')}`);
      next(response, arrived);
    },
    async (server) => {
      const client = connect(server.connection, { silenceMs: 60_000 });
      try {
        await run(client, () => server.sockets.forEach((socket) => socket.destroy()));
      } finally {
        client.close();
      }
    },
  );
  return requests;
}

/** Ends once an object of this name is there; resolves with all names then. */
function until(name: string): (objects: Snapshot<KubeObject>) => string | undefined {
  return (objects) => (objects.has(name) ? [...objects.keys()].join() : undefined);
}

watch('needs no watch where the list is as wanted', async () => {
  const requests = await follow([list('1', 'a')], async (client) => {
    assert.is(await watchUntil(client, { path: '/x', until: until('a') }), 'a');
  });
  assert.equal(requests, ['list']);
});

watch('follows events from the version of the list, and asks once', async () => {
  const events = [
    event('ADDED', 'b', '6'),
    event('DELETED', 'a', '7'),
    event('MODIFIED', 'b', '8'),
    event('ADDED', 'c', '9'),
  ];
  const requests = await follow([list('5', 'a'), open(...events)], async (client) => {
    assert.is(await watchUntil(client, { path: '/x', until: until('c') }), 'b,c');
  });
  assert.equal(requests, ['list', 'watch 5']);
});

watch('hands selectors on to both', async () => {
  const seen: (string | null)[] = [];
  const note =
    (answerer: Answerer): Answerer =>
    (response, arrived) => {
      seen.push(arrived.query.get('fieldSelector'));
      answerer(response, arrived);
    };
  await follow([note(list('1')), note(open(event('ADDED', 'a', '2')))], async (client) => {
    await watchUntil(client, { path: '/x', query: { fieldSelector: 'metadata.name=a' }, until: until('a') });
  });
  assert.equal(seen, ['metadata.name=a', 'metadata.name=a']);
});

watch('resumes an ended stream from the last version, that of a bookmark included', async () => {
  const answers = [
    list('1'),
    ended(event('ADDED', 'a', '2')),
    ended(event('BOOKMARK', '', '30')),
    ended(),
    open(event('ADDED', 'z', '31')),
  ];
  const requests = await follow(answers, async (client) => {
    assert.is(await watchUntil(client, { path: '/x', until: until('z') }), 'a,z');
  });
  assert.equal(requests, ['list', 'watch 1', 'watch 2', 'watch 30', 'watch 30']);
});

watch('lists again when its version is gone, by event and by status, and forgets what is gone', async () => {
  const gone = statusObject(410, 'Expired', 'too old resource version');
  const answers: Answerer[] = [
    list('1', 'old'),
    open(`${JSON.stringify({ type: 'ERROR', object: gone })}\n`),
    list('50', 'new'),
    (response) => answer(response, 410, gone),
    list('60', 'newer'),
    open(event('ADDED', 'z', '61')),
  ];
  const requests = await follow(answers, async (client) => {
    assert.is(await watchUntil(client, { path: '/x', until: until('z') }), 'newer,z');
  });
  assert.equal(requests, ['list', 'watch 1', 'list', 'watch 50', 'list', 'watch 60']);
});

watch('survives cuts and failing answers', async () => {
  let cut: () => void = () => undefined;
  const answers: Answerer[] = [
    (response) => answer(response, 500, 'etcd has no leader'),
    () => cut(),
    list('1'),
    () => cut(),
    (response) => answer(response, 503, 'not yet'),
    open(event('ADDED', 'a', '2')),
  ];
  const requests = await follow(answers, async (client, cutAll) => {
    cut = cutAll;
    assert.is(await watchUntil(client, { path: '/x', until: until('a') }), 'a');
  });
  assert.equal(requests, ['list', 'list', 'list', 'watch 1', 'watch 1', 'watch 1']);
});

watch('resumes a stream that says nothing beyond its time', async () => {
  const answers = [list('1'), open(), open(event('ADDED', 'a', '2'))];
  const requests = await follow(answers, async (client) => {
    const options = { path: '/x', serverSeconds: 0, graceMs: 20, until: until('a') };
    assert.is(await watchUntil(client, options), 'a');
  });
  assert.equal(requests, ['list', 'watch 1', 'watch 1']);
});

watch('hands a refusal on at once', async () => {
  const forbidden: Answerer = (response) => answer(response, 403, statusObject(403, 'Forbidden', 'no'));
  const requests = await follow([forbidden], async (client) => {
    const error = await thrown(KubeApiError, watchUntil(client, { path: '/x', until: until('a') }));
    assert.is(error.reason, 'Forbidden');
  });
  assert.equal(requests, ['list']);
});

watch('tells what it saw when its time is over', async () => {
  await follow([list('1', 'a'), open(event('ADDED', 'b', '2'))], async (client) => {
    const options = { path: '/x', timeoutMs: 500, until: until('never') };
    const error = await thrown(WatchTimeoutError, watchUntil(client, options));
    assert.equal([...(error.objects?.keys() ?? [])], ['a', 'b']);
    assert.is(error.exitCode, 124);
  });
});

watch('tells the last failure when nothing was ever seen', async () => {
  const broken: Answerer = (response) => answer(response, 500, 'etcd has no leader');
  await follow(Array<Answerer>(50).fill(broken), async (client) => {
    const error = await thrown(
      WatchTimeoutError,
      watchUntil(client, { path: '/x', timeoutMs: 1_000, until: until('never') }),
    );
    assert.is(error.objects, undefined);
    assert.match((error.cause as Error).message, /no leader/);
  });
});

watch('ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const answers: Answerer[] = [
    list('1'),
    (response, arrived) => {
      open()(response, arrived);
      stop.abort(new Error('enough'));
    },
  ];
  await follow(answers, async (client) => {
    const options = { path: '/x', signal: stop.signal, until: until('never') };
    const error = await thrown(Error, watchUntil(client, options));
    assert.is(error.message, 'enough');
  });
});

watch('ends with what the condition throws', async () => {
  await follow([list('1')], async (client) => {
    const fail = (): undefined => {
      throw new Error('hopeless');
    };
    const error = await thrown(Error, watchUntil(client, { path: '/x', until: fail }));
    assert.is(error.message, 'hopeless');
  });
});

for (const line of [
  '{',
  '7',
  'null',
  '{"type":"ADDED"}',
  '{"type":"ADDED","object":{}}',
  '{"type":"MODIFIED","object":null}',
]) {
  watch(`a line that is no event ends the watch with a sentence: ${line}`, async () => {
    await follow([list('1'), open(`${line}\n`)], async (client) => {
      const error = await thrown(
        KubeConnectionError,
        watchUntil(client, { path: '/api/v1/nodes', until: () => undefined, timeoutMs: 10_000 }),
      );
      assert.is(error.message, 'watching /api/v1/nodes: the server sent a line that is no event');
    });
  });
}

watch.run();
