// `hoist up`: its words and flags; what it does stands in run-up.ts, which is loaded when it is needed.

import { UsageError } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'Creates a ready-to-use cluster, or repairs the existing one.',
  usage: '[NAME] [options]',
  flags: [
    ...settingsFlags,
    { name: 'plan', help: 'print each setting with its source and the steps; touch nothing' },
    { name: 'init', help: 'write a first settings file and a first step of your own, where there are none' },
    {
      name: 'from',
      metavar: 'SNAPSHOT',
      names: 'snapshots',
      help: 'begin a new cluster with what `hoist snapshot save` has kept',
    },
    {
      name: 'bundle',
      metavar: 'FILE',
      help: 'take settings, tools, charts and images from what `hoist bundle save` has packed; fetch nothing',
    },
    { name: 'recreate', help: 'first delete a cluster that differs from the plan, with its data' },
    {
      name: 'yes-this-is',
      metavar: 'NAME',
      help: 'confirm that NAME, a context for a remote cluster, may be modified',
    },
    { name: 'repeat', metavar: 'N', help: 'measure: make and remove a cluster of its own N times' },
    {
      name: 'sweep',
      metavar: 'SETTING=A,B',
      many: true,
      help: 'measure each value, one setting at a time; may be repeated',
    },
    { name: 'save', help: 'with --sweep: write the values that win into the --config file' },
    { name: 'label', metavar: 'TEXT', help: 'a name for this run in the benchmark log' },
    ...outputFlags,
  ],
  settings: 'all',
  operands: 1,
  offers: { names: 'clusters' },
  examples: [
    ['hoist up', 'the default cluster: config/cluster.yaml'],
    ['hoist up --name pr-42 --namespaces web,db', 'another one beside it'],
    ['AGENTS=3 hoist up --plan', 'what would be done, and why'],
    ['hoist up --profile platform', 'with certificates, ingress, metrics and logs'],
    ['PROVIDER=existing CONTEXT=staging hoist up', 'the same on an existing cluster'],
    ['hoist up --output json | jq -c .', 'for programs'],
    ['hoist up --repeat 10', 'how long it takes on this machine, phase by phase'],
    ['hoist up --sweep agents=1,3 --sweep CONCURRENCY_LEVEL=2,8', 'which values are faster here'],
  ],
  async run(given, io) {
    const args = withName(given);
    if (args.flags.init) return (await import('./init.ts')).runInit(args, io);
    const measured = args.flags.repeat !== undefined || args.flags.sweep.length > 0;
    if (measured) return (await import('./measured.ts')).runMeasured(args, io);
    return (await import('./run.ts')).runUp(args, io);
  },
});

interface Named {
  operands: readonly string[];
  settings: Readonly<Record<string, string>>;
}

/** `hoist up NAME` is `hoist up --name NAME`. @throws UsageError where both are given and differ */
function withName<T extends Named>(args: T): T {
  const [operand] = args.operands;
  if (operand === undefined) return args;
  const name = clusterName(operand);
  const flag = args.settings['name'];
  if (flag !== undefined && flag !== name) throw new UsageError(`the cluster is called "${name}" and --name ${flag}`);
  return { ...args, operands: [], settings: { ...args.settings, name } };
}
