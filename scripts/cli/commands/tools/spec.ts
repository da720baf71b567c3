// `hoist tools`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';

export const tools = defineCommand({
  name: 'tools',
  summary: 'Lists, fetches and prunes the binaries that hoist uses.',
  usage: 'list | fetch [NAME …] | prune [--all] [options]',
  flags: [{ name: 'all', help: 'prune: the versions in use as well' }, ...outputFlags],
  settings: [],
  operands: Infinity,
  offers: { verbs: ['list', 'fetch', 'prune'] },
  examples: [
    ['hoist tools list', 'what would be used, and from where'],
    ['hoist tools fetch', 'fetch or build all that the embedded cluster needs'],
    ['hoist tools prune', 'remove versions that are not used any more'],
  ],
  run: async (args, io) => (await import('./run.ts')).runTools(args, io),
});
