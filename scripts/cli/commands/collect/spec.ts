// `hoist collect`: its words and flags.

import { defineCommand } from '../../command.ts';
import { checkFlags, collectFlags, verbOf } from './flags.ts';

export const collect = defineCommand({
  name: 'collect',
  summary: 'Collects a support bundle by the specs of troubleshoot.sh: all at once, redacted before a byte is kept.',
  usage:
    'SPEC… | analyze BUNDLE SPEC… | redact BUNDLE [SPEC…] | diff BUNDLE BUNDLE | open BUNDLE [-- COMMAND…] [options]',
  flags: collectFlags,
  settings: [],
  operands: Infinity,
  offers: { verbs: ['analyze', 'redact', 'diff', 'open'], files: true },
  examples: [
    ['hoist collect support-bundle.yaml', 'a bundle of the current context'],
    ['hoist collect --load-cluster-specs', 'the specs that applications have left in the cluster'],
    ['hoist collect analyze bundle.tar.gz checks.yaml', 'the checks again, on a bundle of anybody'],
    ['hoist collect diff monday.tar.gz tuesday.tar.gz', 'what has changed between two bundles'],
    ['hoist collect open bundle.tar.gz', 'the bundle as a cluster for kubectl, until Ctrl-C'],
    ['hoist collect open bundle.tar.gz -- kubectl get pods -A', 'one command on it'],
    ['hoist collect spec.yaml --dry-run', 'what it would do, and what is odd about the spec'],
  ],
  run: async ({ operands, flags }, io) => {
    const verb = verbOf(operands[0]);
    if (!verb) return (await import('./run.ts')).runCollect({ operands, flags }, io);
    checkFlags(verb, flags);
    const args = { operands: operands.slice(1), flags };
    switch (verb) {
      case 'analyze':
        return (await import('./verbs/analyze.ts')).runAnalyze(args, io);
      case 'redact':
        return (await import('./verbs/redact.ts')).runRedact(args, io);
      case 'diff':
        return (await import('./verbs/diff.ts')).runDiff(args, io);
      case 'open':
        return (await import('./verbs/open.ts')).runOpen(args, io);
    }
  },
});
