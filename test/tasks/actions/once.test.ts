import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failureOf } from '../../failure.ts';
import { Once } from '../../../scripts/tasks/actions/once.ts';
import type { Flow } from '../../../scripts/tasks/actions/flow.ts';
import { Variables } from '../../../scripts/tasks/variables/variables.ts';

const once = suite('tasks: once');

const flow = (): Flow => ({ variables: new Variables(), signal: new AbortController().signal });
const value = (text: string) => ({ text, source: 'test', sensitive: false });

once('runs once for all who ask; all get its variables and where it ended', async () => {
  const runs = new Once();
  let count = 0;
  const work = (own: Flow): Promise<void> => {
    own.variables.set('V', value(`${++count}`));
    Object.assign(own, { last: 'step', lastMs: 7 });
    return Promise.resolve();
  };
  const flows = [flow(), flow()];
  await Promise.all(flows.map((own) => runs.run('k', [], own, work)));
  assert.equal(
    flows.map((own) => [own.variables.get('V')?.text, own.last, own.lastMs]),
    [
      ['1', 'step', 7],
      ['1', 'step', 7],
    ],
  );
  await runs.run('other', [], flows[0] ?? flow(), work);
  assert.is(count, 2);
});

once('one that would wait for itself, directly or through others, is refused', async () => {
  const runs = new Once();
  const idle = (): Promise<void> => Promise.resolve();
  await runs.run('a', ['b'], flow(), idle);
  await runs.run('b', ['c'], flow(), idle);
  await runs.run('a', ['d'], flow(), idle);
  for (const [key, within] of [
    ['a', ['a']],
    ['b', ['a']],
    ['c', ['a']],
    ['c', ['x', 'b']],
  ] as const)
    assert.match(
      String(await runs.run(key, within, flow(), idle).catch(String)),
      'would wait for itself',
      `${key} ${within.join()}`,
    );
  await runs.run('d', ['c'], flow(), idle);
});

once('its failure reaches all', async () => {
  const runs = new Once();
  const fail = (): Promise<void> => Promise.reject(new Error('broken'));
  for (let asked = 0; asked < 2; asked++) assert.is(await failureOf(runs.run('k', [], flow(), fail)), 'broken');
});

once.run();
