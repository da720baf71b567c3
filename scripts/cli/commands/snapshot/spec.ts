// `hoist snapshot`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const snapshot = defineCommand({
  name: 'snapshot',
  summary: 'Keeps all that a cluster holds under a name, and brings it back.',
  usage: 'save NAME | list | restore NAME | remove NAME … [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: ['provider', 'name', 'timeout', 'healthTimeout', 'kubeconfig', 'mergeKubeconfig', 'switchContext'],
  operands: Infinity,
  offers: { verbs: ['save', 'list', 'restore', 'remove'], names: 'snapshots', behind: ['restore', 'remove'] },
  examples: [
    ['hoist snapshot save clean', 'all objects of the default cluster, as they are at this moment'],
    ['hoist snapshot restore clean', 'what was changed since is undone, what was made since is gone'],
    ['hoist snapshot restore clean --name second', 'a new cluster with the same objects, beside the first one'],
    ['hoist up --from clean', 'a new cluster that begins with it, and gets what the settings ask for'],
  ],
  run: async (args, io) => (await import('./run.ts')).runSnapshot(args, io),
});
