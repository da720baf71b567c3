// A new cluster gets the seed of one like it, and keeps one for the next where there is none.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Step, StepContext } from '../../../../scripts/engine/step.ts';
import type { Exec } from '../../../../scripts/host/exec.ts';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import { readStored } from '../../../../scripts/providers/embedded/etcd/stored-object.ts';
import type { EmbeddedRun } from '../../../../scripts/providers/embedded/run.ts';
import { seedSteps } from '../../../../scripts/providers/embedded/seed/seed-steps.ts';
import type { Situation } from '../../../../scripts/providers/provider.ts';
import { type EtcdDouble, startEtcd } from '../../../doubles/etcd.ts';
import { stored } from '../etcd/stored.ts';

interface Given {
  folder: string;
  etcd: EtcdDouble;
  apiserver: string;
}

const test = suite<Given>('providers/embedded/seed/seed-steps');
test.before.each(async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-seed-'));
  const apiserver = join(folder, 'kube-apiserver');
  writeFileSync(apiserver, '#!/bin/sh\n', { mode: 0o755 });
  mkdirSync(join(folder, 'dev'));
  Object.assign(context, { folder, apiserver, etcd: await startEtcd(join(folder, 'dev')) });
});
test.after.each(async ({ folder, etcd }) => {
  await etcd.close();
  rmSync(folder, { recursive: true, force: true });
});

const exec: Exec = () => Promise.resolve({ exitCode: 0, stdout: 'Kubernetes v1.36.0', stderr: '', durationMs: 0 });
const PLAN: ClusterPlan = {
  ...{ name: 'dev', provider: 'embedded', kubernetes: '1.36.0', nodes: [] },
  components: { etcd: [], apiserver: [], controllerManager: [], scheduler: [], kwok: [] },
};

const stepsOf = (
  { folder, apiserver }: Given,
  plan: Partial<ClusterPlan> = {},
  situation: Situation = { kind: 'absent' },
): Step[] =>
  seedSteps({
    ...{ plan: { ...PLAN, ...plan }, layout: { root: join(folder, 'dev') }, inputs: { situation } },
    deps: { tools: { exec, env: { HOME: folder, XDG_CACHE_HOME: folder, HOIST_TOOL_KUBE_APISERVER: apiserver } } },
  } as unknown as EmbeddedRun);

/** Runs both steps, with what kube-apiserver would do between them. @returns what they noted and put out */
async function run(
  [plant, keep]: readonly Step[],
  between: () => void = () => undefined,
): Promise<{ notes: string[]; output: string[] }> {
  const notes: string[] = [];
  const output: string[] = [];
  const context = {
    ...{ signal: new AbortController().signal, note: (text: string) => void notes.push(text) },
    output: (text: string) => void output.push(text),
  } as unknown as StepContext;
  await plant?.run(context);
  between();
  await keep?.run(context);
  return { notes, output };
}

const ROLE = '/registry/clusterroles/view';
const put = ({ keys }: EtcdDouble, key: string, value: Buffer, lease?: string): void =>
  void keys.set(key, {
    ...{ value: value.toString('base64'), revision: 1 },
    ...(lease === undefined ? {} : { lease }),
  });
const role = (managers: readonly string[] = ['kube-apiserver']): Buffer =>
  stored({ kind: 'ClusterRole', name: 'view', managers, seconds: 1_000 });

/** What kube-apiserver and others write into an empty cluster. */
function written(etcd: EtcdDouble): void {
  put(etcd, ROLE, role());
  put(etcd, '/registry/clusterroles/mine', role(['kubectl']));
  put(etcd, '/registry/namespaces/default', role());
}

test('the first cluster keeps what kube-apiserver alone has written, the next one begins with it', async (context) => {
  const { etcd } = context;
  const first = await run(stepsOf(context), () => written(etcd));
  assert.equal(first.notes, ['none', '1 objects']);
  assert.match(first.output[0] ?? '', /the seed \S+\.json is not used: there is none yet/);

  etcd.keys.clear();
  const next = await run(stepsOf(context));
  assert.equal(next, { notes: ['1 objects', 'kept'], output: [] });
  assert.equal([...etcd.keys.keys()], [ROLE]);
  const object = readStored(Buffer.from(etcd.keys.get(ROLE)?.value ?? '', 'base64'));
  assert.is.not(object?.uid, readStored(role())?.uid);
});

test('another binary, version or other arguments need a seed of their own', async (context) => {
  await run(stepsOf(context), () => written(context.etcd));
  const { components } = PLAN;
  const apiserver = [{ flag: 'event-ttl', value: '1h', reason: '', source: 'user' as const }];
  for (const plan of [{ kubernetes: '1.36.1' }, { components: { ...components, apiserver } }])
    assert.equal((await run(stepsOf(context, plan))).notes[0], 'none');
  utimesSync(context.apiserver, 1, 1);
  assert.equal((await run(stepsOf(context))).notes[0], 'none');
  assert.is(readdirSync(join(context.folder, 'hoist/seeds')).length, 4);
  assert.equal((await run(stepsOf(context))).notes[0], '0 objects', 'a seed of nothing is one, too');
});

test('a seed that is damaged is made again', async (context) => {
  await run(stepsOf(context), () => written(context.etcd));
  const [name = ''] = readdirSync(join(context.folder, 'hoist/seeds'));
  writeFileSync(join(context.folder, 'hoist/seeds', name), '{}');
  const { notes, output } = await run(stepsOf(context));
  assert.equal(notes, ['none', '1 objects']);
  assert.match(output[0] ?? '', 'it is of another version');
  context.etcd.keys.clear();
  assert.equal((await run(stepsOf(context))).notes, ['1 objects', 'kept']);
});

test('only clusters that are made get one, unless settings say otherwise; both steps are no condition of the run', (context) => {
  const made = (situation: Situation, seed?: false): number =>
    stepsOf(context, seed === undefined ? {} : { seed }, situation).length;
  assert.is(made({ kind: 'absent' }), 2);
  assert.is(made({ kind: 'different', differences: [] }), 2);
  assert.is(made({ kind: 'same' }), 0);
  assert.is(made({ kind: 'damaged', reasons: [] }), 0);
  assert.is(made({ kind: 'absent' }, false), 0);
  assert.equal(
    stepsOf(context).map(({ name, needs, optional }) => [name, needs, optional]),
    [
      ['seed', ['etcd'], true],
      ['seed/keep', ['seed', 'kube-controller-manager'], true],
    ],
  );
});

test.run();
