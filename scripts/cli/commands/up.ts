// `hoist up`: its words and flags; what it does stands in run-up.ts, which is loaded when it is needed.

import { type CommandSpec, outputFlags } from '../command.ts';
import { settingsFlags } from '../settings-input.ts';

export const up: CommandSpec = {
  name: 'up',
  summary: 'Brings a cluster up with everything at once, or heals the one that is there.',
  usage: '[options]',
  flags: [
    ...settingsFlags,
    { name: 'plan', help: 'print each setting with its source and the steps; touch nothing' },
    { name: 'recreate', help: 'remove a cluster that differs from the plan, with its data, first' },
    { name: 'label', metavar: 'TEXT', help: 'a name for this run in the benchmark log' },
    ...outputFlags,
  ],
  settings: true,
  operands: 0,
  examples: [
    ['hoist up', 'the default cluster: config/cluster.yaml'],
    ['hoist up --name pr-42 --namespaces web,db', 'another one beside it'],
    ['AGENTS=3 hoist up --plan', 'what would be done, and why'],
    ['hoist up --output json | jq -c .', 'for programs'],
  ],
  run: async (args, io) => (await import('../run-up.ts')).runUp(args, io),
};
