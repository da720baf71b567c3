// `hoist preflight`: its words and flags.

import { type CommandSpec, outputFlags } from '../../command.ts';
import { clusterFlags, runFlags, specFlags } from '../collect/flags.ts';

export const preflight: CommandSpec = {
  name: 'preflight',
  summary:
    'Checks a cluster and this host by the Preflight specs of troubleshoot.sh: exit code 3 for a failure, 4 for a warning.',
  usage: 'SPEC… [options]',
  flags: [
    { name: 'archive', metavar: 'FILE', help: 'also keep what was collected, redacted, in this bundle' },
    ...clusterFlags,
    ...specFlags,
    ...runFlags,
    ...outputFlags,
  ],
  settings: [],
  operands: 100,
  examples: [['hoist preflight preflight.yaml', 'the current context']],
  run: async (args, io) => (await import('./run.ts')).runPreflight(args, io),
};
