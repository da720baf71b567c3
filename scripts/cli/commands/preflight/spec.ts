// `hoist preflight`: its words and flags.

import { defineCommand } from '../../command.ts';
import { archiveFlag, checkOutputFlags, clusterFlags, contentFlags, runFlags, specFlags } from '../collect/flags.ts';

export const preflight = defineCommand({
  name: 'preflight',
  summary:
    'Checks a cluster and this host by the Preflight specs of troubleshoot.sh: exit code 3 for a failure, 4 for a warning.',
  usage: 'SPEC… [options]',
  flags: [
    { ...archiveFlag, help: 'also keep what was collected, redacted, in this bundle' },
    ...clusterFlags,
    ...specFlags,
    ...runFlags,
    ...contentFlags,
    ...checkOutputFlags,
  ],
  settings: [],
  operands: 100,
  offers: { files: true },
  examples: [['hoist preflight preflight.yaml', 'the current context']],
  run: async (args, io) => (await import('./run.ts')).runPreflight(args, io),
});
