// `hoist down`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const down = defineCommand({
  name: 'down',
  summary: 'Removes a cluster with all its data, and its entry in the kubeconfig.',
  usage: '[NAME …] [options]',
  flags: [
    ...settingsFlags,
    { name: 'all', help: 'every cluster that hoist has made' },
    { name: 'caches', help: 'also the image caches that no cluster uses any more, with all that they hold' },
    { name: 'keep-cache', help: 'keep the image caches, as without this flag; refuses --caches' },
    ...outputFlags,
  ],
  settings: ['provider', 'name', 'kubeconfig'],
  operands: Infinity,
  offers: { names: 'clusters' },
  examples: [
    ['hoist down', 'the default cluster'],
    ['hoist down pr-42 pr-43', 'these two'],
    ['hoist down --all', 'all of them'],
    ['hoist down --all --caches', 'all of them, and the images that were kept for the next'],
  ],
  run: async (args, io) => (await import('./run.ts')).runDown(args, io),
});
