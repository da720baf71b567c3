// What holds of every bundle: no order of the spec, no failing request and no interruption loses what others have found,
// and a planted secret is nowhere in it, however it is written and cut.

import * as fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InterruptedError } from '../../../scripts/base/errors.ts';
import { bundleRedactor } from '../../../scripts/support/redaction.ts';
import { answer } from '../../doubles/kube-server.ts';
import { bundleOf, bundleSpec, list, pod } from '../world.ts';

const properties = suite('support/bundle: properties');

const ITEMS = [
  '    - clusterResources: {}',
  '    - clusterInfo: {}',
  '    - logs: {name: l, namespace: one, selector: [app=web]}',
  '    - data: {name: notes, collectorName: a.txt, data: "one"}',
  '    - data: {name: notes, collectorName: b.txt, data: "two"}',
  '    - configMap: {namespace: one, name: gone}',
  '    - secret: {namespace: one, name: gone, key: k}',
];

const spec = (items: readonly string[]): string => bundleSpec(`  collectors:\n${items.join('\n')}\n`);

type Handle = NonNullable<Parameters<typeof bundleOf>[1]>['handle'];

const withLogs =
  (text: readonly Buffer[]): NonNullable<Handle> =>
  ({ path }, response) => {
    if (path.endsWith('/log')) {
      for (const part of text) response.write(part);
      response.end();
    } else if (path === '/api/v1/namespaces/one/pods')
      answer(response, 200, list([pod('one', 'web-1', { app: 'web' })]));
    else return false;
    return true;
  };

properties('any order of the spec gives the same files with the same content', async () => {
  const contentOf = async (items: readonly string[]): Promise<[string, string | undefined][]> => {
    const { files } = await bundleOf(spec(items), { handle: withLogs([Buffer.from('a line\n')]) });
    // These tell what took how long, and the place in the spec.
    return [...files].filter(([path]) => !path.startsWith('execution-data/') && path !== 'index.html');
  };
  const expected = await contentOf(ITEMS);
  assert.ok(expected.length > 20);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(ITEMS, { minLength: ITEMS.length }), async (items) => {
      assert.equal(await contentOf(items), expected);
    }),
    { numRuns: 8 },
  );
});

properties('whichever requests fail, and however: a readable bundle with what the others gave', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 30 }),
      fc.constantFrom(403, 404, 422, 0),
      async (failing, how) => {
        let seen = 0;
        const { files, result } = await bundleOf(spec(ITEMS), {
          handle: (arrived, response) => {
            if (arrived.path === '/version' || !failing.includes(seen++))
              return withLogs([Buffer.from('a line\n')])(arrived, response);
            if (how === 0) response.stream.destroy();
            else answer(response, how, { kind: 'Status', message: 'made up' });
            return true;
          },
        });
        assert.is(files.get('notes/a.txt'), 'one');
        assert.is(files.get('notes/b.txt'), 'two');
        assert.ok(files.has('analysis.json') && files.has('index.html'));
        assert.is(result.reports.length, ITEMS.length);
        for (const { outcome, problems } of result.reports)
          assert.ok(outcome === 'ok' || problems.length > 0, 'what went wrong is said');
      },
    ),
    { numRuns: 12 },
  );
});

properties('an interruption at any moment leaves a readable bundle that says so', async () => {
  for (const after of [0, 1, 2, 5, 11, 19, 28, 40]) {
    const stop = new AbortController();
    let seen = 0;
    const { files, result } = await bundleOf(spec(ITEMS), {
      signal: stop.signal,
      handle: async (arrived, response) => {
        if (seen++ === after) stop.abort(new InterruptedError('SIGINT'));
        // Answers are late, so that others are under way.
        await sleep(1);
        return withLogs([Buffer.from('a line\n')])(arrived, response);
      },
    });
    assert.ok(result.stopped instanceof InterruptedError, `after ${after} requests`);
    assert.ok(files.has('execution-data/summary.txt') && files.has('index.html'), `after ${after} requests`);
  }
});

properties('a planted secret is in no file, whatever its form and wherever the stream is cut', async () => {
  const forms: Readonly<Record<string, (secret: string) => string>> = {
    plain: (secret) => `password=${secret} and more`,
    bare: (secret) => `of itself ${secret} in a line`,
    base64: (secret) => `data: ${Buffer.from(secret).toString('base64')}`,
    basic: (secret) => `Authorization: Basic ${Buffer.from(`ann:${secret}`).toString('base64')}`,
    url: (secret) => `GET https://ann:${encodeURIComponent(secret)}@host/`,
    json: (secret) => JSON.stringify({ apiKey: secret }),
    nested: (secret) => JSON.stringify({ text: JSON.stringify({ apiKey: secret }) }),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[a-zA-Z0-9+/&"<]{12,24}$/),
      fc.array(fc.nat(400), { maxLength: 8 }),
      async (random, cuts) => {
        const secret = `Z9${random}`;
        const lines = Object.values(forms).map((make) => `${make(secret)}\n`);
        const whole = Buffer.from(lines.join(''));
        const places = [0, ...cuts.map((cut) => cut % whole.length).sort((a, b) => a - b), whole.length];
        const parts = places.slice(1).map((end, i) => whole.subarray(places[i], end));
        const { files } = await bundleOf(spec(ITEMS), {
          handle: withLogs(parts),
          redactor: bundleRedactor([], { tokenize: false, values: [secret] }),
        });
        const log = files.get('l/web-1/main.log') ?? '';
        assert.is(log.split('\n').length, lines.length + 1, 'no line is lost');
        const bytes = [...files.values()].join('\n');
        const encoded = [
          secret,
          Buffer.from(secret).toString('base64'),
          Buffer.from(`ann:${secret}`).toString('base64'),
          encodeURIComponent(secret),
          JSON.stringify(secret).slice(1, -1),
        ];
        for (const form of encoded) assert.not.ok(bytes.includes(form), form);
      },
    ),
    { numRuns: 15 },
  );
});

properties.run();
