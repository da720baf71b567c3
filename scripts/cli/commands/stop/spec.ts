// `hoist stop`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const stop = defineCommand({
  name: 'stop',
  summary: 'Stops a cluster: what runs of it ends, its data and its kubeconfig entry stay.',
  usage: '[NAME] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: ['provider', 'name'],
  operands: 1,
  offers: { names: 'clusters' },
  examples: [
    ['hoist stop', 'the default cluster'],
    ['hoist stop pr-42', 'this one'],
  ],
  run: async (args, io) => (await import('./run.ts')).runStop(args, io),
});
