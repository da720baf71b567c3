// `hoist status`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'Shows clusters: health of the components, nodes, ages, ports, the last run.',
  usage: '[NAME …] [options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: ['logDir'],
  operands: Infinity,
  offers: { names: 'clusters' },
  examples: [
    ['hoist status', 'all clusters'],
    ['hoist status dev --output json', 'one, for programs'],
  ],
  run: async (args, io) => (await import('./run.ts')).runStatus(args, io),
});
