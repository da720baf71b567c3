// `hoist bundle`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const bundle = defineCommand({
  name: 'bundle',
  summary: 'Packs what `up` with these settings needs into one file, for machines without a network.',
  usage: 'save FILE | verify FILE [SHA256] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: 'all',
  operands: 3,
  offers: { verbs: ['save', 'verify'], files: true },
  examples: [
    ['hoist bundle save dev.bundle', 'tools, charts, images, manifests, settings; no secrets'],
    ['hoist bundle verify dev.bundle', 'compares every digest, and shows what is in it'],
    ['hoist up --bundle dev.bundle', 'elsewhere: creates the cluster, fetches nothing'],
  ],
  run: async (args, io) => (await import('./run.ts')).runBundle(args, io),
});
