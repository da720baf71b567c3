import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRenderer, kindOf } from '../../scripts/progress/choose.ts';
import { FakeClock } from '../doubles/clock.ts';
import { paper } from '../doubles/paper.ts';
import { Screen } from '../doubles/screen.ts';
import { record, ended, started } from './events.ts';

const test = suite('choose');
const wish = { output: 'text' as const, quiet: false, verbose: false };

test('which renderer suits', () => {
  assert.is(kindOf(wish, true, {}), 'bars');
  assert.is(kindOf(wish, false, {}), 'lines');
  assert.is(kindOf(wish, true, { CI: 'true' }), 'lines');
  assert.is(kindOf(wish, true, { CI: '1' }), 'lines');
  for (const CI of ['', '0', 'false']) assert.is(kindOf(wish, true, { CI }), 'bars');
  assert.is(kindOf({ ...wish, quiet: true }, true, {}), 'none');
  assert.is(kindOf({ ...wish, output: 'json', quiet: true }, true, {}), 'json');
});

async function play(more: Partial<typeof wish> | { output: 'json' }, stderr: ReturnType<typeof paper> | Screen) {
  const stdout = paper();
  const where = { stdout, stderr, env: {}, clock: new FakeClock(), epochMs: () => 0 };
  const renderer = await chooseRenderer({ ...wish, ...more }, where);
  renderer.onEvent(started('etcd'));
  renderer.onEvent(ended(record('etcd', 0, 5, { outcome: 'failed', reason: 'no' })));
  renderer.close();
  return stdout;
}

test('bars and lines go to stderr, JSON to stdout, nothing where it is to be quiet', async () => {
  const screen = new Screen(80, 24);
  assert.is((await play({}, screen)).text, '');
  assert.equal(screen.lines, ['✗ etcd (5 ms): no']);

  const log = paper();
  assert.is((await play({}, log)).text, '');
  assert.equal(log.lines(), ['  0.0 s  start      1 step', '  0.0 s  failed     etcd (5 ms): no']);

  const besideJson = paper();
  const json = await play({ output: 'json' }, besideJson);
  assert.is(json.lines().length, 2);
  assert.is(besideJson.text, '');

  const quiet = paper();
  assert.is((await play({ quiet: true }, quiet)).text, '');
  assert.is(quiet.text, '');
});

test.run();
