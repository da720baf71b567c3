// `hoist diff`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const diff = defineCommand({
  name: 'diff',
  summary: 'Shows what the live cluster differs in from what `up` would make of it; writes nothing.',
  usage: '[NAME] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: 'all',
  operands: 1,
  offers: { names: 'clusters' },
  examples: [
    ['hoist diff', 'the default cluster; exit code 1 where something differs'],
    ['hoist diff pr-42 --output json', 'this one, for programs'],
  ],
  run: async (args, io) => (await import('./run.ts')).runDiff(args, io),
});
