// The steps that give a new cluster what kube-apiserver would write first, and that keep it for the next one.

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Step } from '../../../engine/step.ts';
import { locateTool } from '../../../tools/locate.ts';
import { toolFile, pinOf } from '../../../tools/options.ts';
import { componentFlags } from '../processes/component-commands.ts';
import { EtcdClient, type KeyValue } from '../etcd/etcd-client.ts';
import type { EmbeddedRun } from '../run.ts';
import { SEED_PREFIXES, isBare, planted } from './bare.ts';
import { readSeed, seedPath, writeSeed } from './seed-file.ts';

const SEED_STEP = 'seed';

/** What both steps know: set by the first, used by the second. */
interface SeedRun {
  path: string;
  identity: string;
}

/**
 * Only for clusters that are made: one that is there has all of it. A seed that is missing or cannot be used is no
 * failure, since kube-apiserver makes what it does not find; `--verbose` says why.
 */
export function seedSteps(run: EmbeddedRun): Step[] {
  const { kind } = run.inputs.situation;
  if (run.plan.seed === false || kind === 'same' || kind === 'damaged') return [];
  let missing: SeedRun | undefined;
  const plant: Step = {
    name: SEED_STEP,
    needs: ['etcd'],
    optional: true,
    async run({ signal, note, output }) {
      const identity = await seedIdentity(run);
      const path = seedPath(run.deps.tools.env, identity);
      const found = await readSeed(path, identity);
      if ('why' in found) {
        missing = { path, identity };
        note('none');
        output(`the seed ${path} is not used: ${found.why}`);
        return;
      }
      const etcd = new EtcdClient(run.layout.root);
      try {
        note(`${await etcd.create(planted(found.entries, new Date()), signal)} objects`);
      } finally {
        await etcd.close();
      }
    },
  };
  const keep: Step = {
    name: 'seed/keep',
    // By then kube-apiserver has made all that is its own; nothing of the run waits for this.
    needs: [SEED_STEP, 'kube-controller-manager'],
    optional: true,
    async run({ signal, note }) {
      if (!missing) {
        note('kept');
        return;
      }
      const entries = await bareEntries(run.layout.root, signal);
      await writeSeed(missing.path, missing.identity, entries);
      note(`${entries.length} objects`);
    },
  };
  return [plant, keep];
}

async function bareEntries(folder: string, signal: AbortSignal): Promise<KeyValue[]> {
  const etcd = new EtcdClient(folder);
  try {
    const entries: KeyValue[] = [];
    for (const prefix of SEED_PREFIXES) {
      for await (const page of etcd.keys(prefix, { signal })) {
        entries.push(...page.filter(isBare).map(({ key, value }) => ({ key, value })));
      }
    }
    return entries;
  } finally {
    await etcd.close();
  }
}

/** Differs where kube-apiserver would write something else: another binary, or other arguments. */
async function seedIdentity(run: EmbeddedRun): Promise<string> {
  const { tools } = run.deps;
  const name = 'kube-apiserver';
  const located = await locateTool(name, tools);
  const path = located?.path ?? toolFile(pinOf(name, tools), tools);
  const { size, mtimeMs } = await stat(path);
  const made = { path, size, mtimeMs, version: run.plan.kubernetes, flags: componentFlags(name, run.plan) };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
}
