// `hoist start`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const start = defineCommand({
  name: 'start',
  summary: 'Starts a stopped cluster as it was made, and heals what a restart has broken.',
  usage: '[NAME] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: ['provider', 'name', 'timeout', 'healthTimeout', 'kubeconfig', 'mergeKubeconfig'],
  operands: 1,
  offers: { names: 'clusters' },
  examples: [
    ['hoist start', 'the default cluster'],
    ['hoist start pr-42 --output json', 'this one, progress for programs'],
  ],
  run: async (args, io) => (await import('./run.ts')).runStart(args, io),
});
