// The check of what goldpinger saw: failed pings, missing ones, and none at all.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../ask.ts';

const goldpinger = suite('support/analyzers/cluster/goldpinger');

const ping = (results: Record<string, unknown>): unknown => ({ response: { podResults: results } });

goldpinger('a verdict for each pod: all reach it, one does not, one does not say', async () => {
  const all = {
    hosts: [{ podName: 'a' }, { podName: 'b' }, { podName: 'c' }],
    responses: {
      a: ping({ a: { OK: true }, b: { OK: true }, c: { OK: true } }),
      b: ping({ a: { OK: true }, b: { OK: false, error: 'timeout' } }),
    },
  };
  const results = await run('goldpinger', {}, { files: { 'goldpinger/check_all.json': all } });
  assert.equal(
    results.map(({ outcome, title, message }) => [outcome, title, message]),
    [
      ['pass', 'Pings to "a" pod succeeded', 'Pings to "a" pod from all other pods in the cluster succeeded'],
      ['fail', 'Ping from "b" pod to "b" pod failed', 'Ping error: timeout'],
      ['warn', 'Missing ping results for "c" pod', 'Ping result for "c" pod from "b" pod is missing'],
    ],
  );
});

goldpinger('one pod alone', async () => {
  const all = { hosts: [{ podName: 'a' }], responses: { a: ping({ a: { OK: true } }) } };
  const results = await run('goldpinger', {}, { files: { 'goldpinger/check_all.json': all } });
  assert.equal(
    results.map(({ outcome }) => outcome),
    ['pass'],
  );
});

goldpinger('a file of another name, and one that names no pods', async () => {
  const [empty] = await run('goldpinger', { filePath: 'x.json' }, { files: { 'x.json': { hosts: [] } } });
  assert.equal([empty?.outcome, empty?.message], ['warn', 'goldpinger names no pods']);
});

goldpinger.run();
