// `hoist start`: its words and flags.

import { type CommandSpec, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const start: CommandSpec = {
  name: 'start',
  summary: 'Starts a stopped cluster as it was made, and heals what a restart has broken.',
  usage: '[NAME] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: true,
  operands: 1,
  examples: [
    ['hoist start', 'the default cluster'],
    ['hoist start pr-42 --output json', 'this one, progress for programs'],
  ],
  run: async (args, io) => (await import('./run.ts')).runStart(args, io),
};
