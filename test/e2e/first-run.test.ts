// The first run of all, on a machine that has none of the tools yet.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld } from './hoist.ts';

const first = suite<{ world: World }>('the first run', { world: undefined as unknown as World });

first.before.each((context) => {
  context.world = createWorld();
});
first.after.each(({ world }) => world.close());

interface PlannedStep {
  name: string;
  needs: string[];
}

/** All that must have ended before the step begins. */
function allNeeds(steps: readonly PlannedStep[], name: string): Set<string> {
  const found = new Set<string>();
  const add = (of: string): void => {
    for (const need of steps.find((step) => step.name === of)?.needs ?? []) {
      if (!found.has(need)) add((found.add(need), need));
    }
  };
  add(name);
  return found;
}

first('nothing with a deadline begins before the tools are there that it waits for', async ({ world }) => {
  world.write(
    'pod.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n',
  );
  world.write('chart/Chart.yaml', 'apiVersion: v2\nname: chart\nversion: 1.0.0\n');
  world.write('config/cluster.yaml', 'manifests: [../pod.yaml]\nservices: [{name: web, chart: ../chart}]\n');
  const { code, stdout, stderr } = await world.hoist(['up', '--plan', '--output', 'json'], {
    XDG_CACHE_HOME: world.folder,
    PATH: '/usr/bin:/bin',
  });
  assert.is(code, 0, stderr);
  const { steps } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { steps: PlannedStep[] };
  const tools = steps.map(({ name }) => name).filter((name) => name.startsWith('tool'));
  assert.equal(tools, ['tool/sources', 'tool/api', 'tool/nodes', 'tool/sources/helm', 'tool/helm']);
  const waiting = ['manifests', 'health/service-accounts', 'health/workloads', 'release/web', 'release/web/ready'];
  for (const name of waiting) {
    const needs = allNeeds(steps, name);
    const without = tools.filter((tool) => !needs.has(tool) && !tool.includes('helm'));
    assert.equal(without, [], `${name} does not wait for ${without.join(', ')}`);
  }
  // What needs the API alone does not wait for the rest.
  assert.not.ok([...allNeeds(steps, 'namespace/development')].some((name) => name === 'tool/nodes'));
});

first.run();
