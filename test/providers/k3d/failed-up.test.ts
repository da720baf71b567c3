import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BOOTS, fixture, type Worlds, worldsOf } from './world.ts';

const failed = suite<Worlds>('k3d: what a failed up says of what is left');
const world = worldsOf(failed);

/** k3s that ends on its flags writes no kubeconfig, so that its API cannot be found before it is known to have ended. */
const BAD_FLAG = [{ HOIST_DOUBLE_SERVER_LOG: fixture('server-bad-flag') }, { kubeconfig: '' }] as const;

/** Lines of the summary are wrapped. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

failed('a creation that fails is removed, and the summary says so', async (context) => {
  for (const how of [[{ ...BOOTS, HOIST_DOUBLE_FAIL: 'start' }], BAD_FLAG] as const) {
    const one = await world(context, ...how);
    const { code, stdout } = await one.hoist(['up']);
    assert.is(code, 5, stdout);
    assert.equal([...one.engine.containers.keys()], []);
    assert.not.match(flat(stdout), 'was kept');
    assert.match(flat(stdout), 'Nothing of the cluster is left: `hoist up` starts over.');
    assert.match(flat(stdout), 'All logs: ');
    assert.match(flat((await one.hoist(['status', 'dev'])).stdout), /containers none is left; their logs are in /);
  }
});

failed('the line that ends k3s is shown at once, before anything is kept or removed', async (context) => {
  const one = await world(context, ...BAD_FLAG);
  const { stdout } = await one.hoist(['up', '--output', 'json']);
  const lines = stdout.split('\n');
  const told = lines.findIndex((line) => /"step.output".*k3d-dev-server-0: .*flag provided but not defined/.test(line));
  const ended = lines.findIndex((line) => /"step.ended".*"step":"k3d"|"step":"k3d".*"step.ended"/.test(line));
  assert.ok(told >= 0 && told < ended, stdout);
});

failed('the reason is the only failure: what waited for the cluster is no failure of its own', async (context) => {
  const one = await world(context, ...BAD_FLAG);
  const { stdout } = await one.hoist(['up', '--output', 'json']);
  interface Line {
    type: string;
    step?: string;
    outcome?: string;
    failures?: { step: string; message: string }[];
  }
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const failures = lines.find(({ type }) => type === 'summary')?.failures ?? [];
  assert.equal(
    failures.map(({ step }) => step),
    ['k3d'],
    stdout,
  );
  assert.match(failures[0]?.message ?? '', 'k3s ended on k3d-dev-server-0: ');
  const outcomes = lines.filter(({ type }) => type === 'step.ended').map(({ step, outcome }) => `${step} ${outcome}`);
  assert.ok(outcomes.includes('api given-up'), outcomes.join(', '));
  assert.ok(outcomes.includes('k3d failed'));
});

failed('what fails on a cluster that was made leaves it, and the summary says so', async (context) => {
  const one = await world(context);
  const { code, stdout } = await one.hoist(['up', '--namespaces', 'one']);
  assert.is.not(code, 0);
  assert.equal([...one.engine.containers.keys()].sort(), ['k3d-dev-agent-0', 'k3d-dev-server-0']);
  assert.match(flat(stdout), 'The partial cluster was kept: `hoist up --namespaces one` resumes');
});

failed('where the engine is gone, nothing is claimed', async (context) => {
  const one = await world(context, { ...BOOTS, HOIST_DOUBLE_FAIL: 'tools' });
  one.env['HOIST_DOUBLE_WAIT'] = `tools:${join(one.folder, 'gone')}`;
  const run = one.hoist(['up']);
  while (one.engine.networks.size === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await one.engine.close();
  one.write('gone', '');
  const { code, stdout } = await run;
  assert.is(code, 5, stdout);
  assert.match(flat(stdout), '`hoist status` shows what exists, `hoist up` tries again.');
});

failed.run();
