// `hoist sync`: its words; its flags stand in flags.ts.

import { defineCommand } from '../../command.ts';
import { syncFlags } from './flags.ts';

export const sync = defineCommand({
  name: 'sync',
  summary: 'Keeps many clusters as their sync sets say.',
  usage: '[FILE|FOLDER … | VERB …] [options]',
  flags: syncFlags,
  settings: [],
  operands: Infinity,
  offers: { verbs: ['lint', 'install', 'adopt', 'status', 'deploy', 'diff', 'now'], files: true },
  examples: [
    ['hoist sync fleet/', 'apply all sets of the folder to all its clusters, once'],
    ['hoist sync sets/ --context dev --context prod,tier=gold', 'contexts as clusters'],
    ['hoist sync diff fleet/', 'what would change, field by field; exit code 1 where something does'],
    ['hoist sync fleet/ --rollout canary=true,10%,50%', 'wave by wave, as long as all goes well'],
    ['hoist sync lint sets/', 'mistakes in the sets, without any cluster'],
    ['hoist sync install --hub hub', "hive's kinds on a cluster that is to be the hub"],
    ['hoist sync adopt dev --hub hub --label tier=gold', 'a context as a cluster of the hub'],
    ['hoist sync --hub hub --watch --listen 8080', 'keep the fleet, and show it'],
    ['hoist sync status --hub hub', 'what the hub says of its clusters'],
    ['hoist sync deploy --image REGISTRY/hoist-sync', 'pods on the hub that keep its fleet, as YAML'],
    ['hoist sync now fleet/dev --hub hub', 'look at a cluster at once'],
  ],
  run: async (args, io) => (await import('./run.ts')).runSync(args, io),
});
