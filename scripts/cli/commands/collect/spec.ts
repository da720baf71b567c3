// `hoist collect`: its words and flags.

import { type CommandSpec, outputFlags } from '../../command.ts';
import { clusterFlags, runFlags, specFlags, verbs } from './flags.ts';

export const collect: CommandSpec = {
  name: 'collect',
  summary: 'Collects a support bundle by the specs of troubleshoot.sh: all at once, redacted before a byte is kept.',
  usage: 'SPEC… | analyze BUNDLE SPEC… | redact BUNDLE [SPEC…] | diff BUNDLE BUNDLE [options]',
  flags: [
    { name: 'archive', metavar: 'FILE', help: 'the bundle to write; support-bundle-TIME.tar.gz where not given' },
    ...clusterFlags,
    ...specFlags,
    { name: 'load-cluster-specs', help: 'also the specs that Secrets and ConfigMaps of the cluster hold' },
    { name: 'selector', short: 'l', metavar: 'LABELS', help: 'which of those; all with the labels of troubleshoot.sh' },
    ...runFlags,
    { name: 'fail-on', metavar: 'fail|warn', help: 'end with 3 or 4 where a check does not pass' },
    ...outputFlags,
  ],
  settings: [],
  operands: 100,
  examples: [
    ['hoist collect support-bundle.yaml', 'a bundle of the current context'],
    ['hoist collect --load-cluster-specs', 'the specs that applications have left in the cluster'],
    ['hoist collect analyze bundle.tar.gz checks.yaml', 'the checks again, on a bundle of anybody'],
    ['hoist collect diff monday.tar.gz tuesday.tar.gz', 'what has changed between two bundles'],
    ['hoist collect spec.yaml --dry-run', 'what it would do, and what is odd about the spec'],
  ],
  run: async (args, io) => {
    const verb = verbs.find((one) => one === args.operands[0]);
    if (verb) return (await import('./verbs.ts')).runVerb(verb, args, io);
    return (await import('./run.ts')).runCollect(args, io);
  },
};
