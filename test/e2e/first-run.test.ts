// The first run of all, on a machine that has none of the tools yet.

import { chmodSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exec } from '../../scripts/host/execa.ts';
import { locateTool } from '../../scripts/tools/locate.ts';
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

/** The binaries that were built for this machine, each of them several components; undefined where they were downloaded. */
async function builtBinaries(): Promise<{ api: string; nodes: string } | undefined> {
  const names = ['etcd', 'kube-apiserver', 'kube-scheduler', 'kwok'] as const;
  const located = await Promise.all(names.map((name) => locateTool(name, { env: process.env, exec })));
  const [etcd, api, nodes, kwok] = located.map((tool) => tool?.path);
  if (etcd === undefined || api === undefined || nodes === undefined || kwok === undefined) return undefined;
  const same = (a: string, b: string): boolean => statSync(a).ino === statSync(b).ino;
  return same(etcd, api) && same(nodes, kwok) ? { api, nodes } : undefined;
}

const built = await builtBinaries();
const ifBuilt = built === undefined ? first.skip.bind(first) : first;

/** A Go that needs `seconds` for what runs pods, more than any deadline of the run, and then hands out what was built before. */
function slowGo(world: World, { api, nodes }: { api: string; nodes: string }, seconds: number): string {
  const go = world.write(
    'bin/go',
    `#!/bin/sh
     case "$1" in
       version) echo 'go version go1.99.0 linux/amd64'; exit ;;
       list) printf 'one\\t/\\ta.go\\ntwo\\t/\\tb.go\\n'; exit ;;
     esac
     from=${api}
     case "$*" in *with_kwok*) from=${nodes}; echo one >&2; sleep ${seconds} ;; esac
     while [ $# -gt 0 ]; do case "$1" in -o) target=$2 ;; esac; shift; done
     echo two >&2
     cp "$from" "$target"\n`,
  );
  chmodSync(go, 0o755);
  return dirname(go);
}

ifBuilt('a build that takes longer than every deadline ends well', async ({ world }) => {
  const go = slowGo(world, built ?? { api: '', nodes: '' }, 22);
  const { code, stdout, stderr } = await world.hoist(['up', '--output', 'json'], {
    XDG_CACHE_HOME: join(world.folder, 'cache'),
    HOIST_MIRROR: 'http://127.0.0.1:9',
    PATH: `${go}:/usr/bin:/bin`,
    HEALTH_TIMEOUT: '15s',
    UP_TIMEOUT: '20s',
  });
  assert.is(code, 0, stderr);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step?: string; atMs?: number; message?: string });
  const at = (type: string, step: string): number =>
    events.find((event) => event.type === type && event.step === step)?.atMs ?? NaN;
  // What needs the API alone was done while the rest was being built.
  assert.ok(at('step.ended', 'namespace/development') < at('step.ended', 'tool/nodes'));
  assert.ok(at('step.started', 'health/workloads') > at('step.ended', 'tool/nodes'));
  assert.match(events.find(({ type }) => type === 'step.announced')?.message ?? '', /^building etcd .* once: /);
});

first.run();
