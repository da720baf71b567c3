// `hoist sync`: its words and flags.

import { type CommandSpec, type Flag, outputFlags } from '../../command.ts';

const flags: readonly Flag[] = [
  {
    name: 'context',
    metavar: 'NAME[,LABEL=VALUE…]',
    help: 'a context of the kubeconfig as a cluster of the fleet, with its labels; again for more',
  },
  { name: 'kubeconfig', metavar: 'FILE', help: 'where contexts are; else as kubectl finds it [KUBECONFIG]' },
  { name: 'param', metavar: 'NAME=VALUE', help: 'a parameter of OpenShift Templates among the files; again for more' },
  { name: 'dry-run', help: 'ask the servers what would change, and change nothing' },
  { name: 'strict', help: 'fail on fields that a server does not know, rather than leave them out' },
  { name: 'workers', metavar: 'N', help: 'clusters that are worked on at a time; 32 by default' },
  { name: 'attempts', metavar: 'N', help: 'passes over a cluster that fails before it is given up; 3 by default' },
  {
    name: 'max-deletes',
    metavar: 'N|P%',
    help: 'most objects that are deleted of one cluster without confirmation; 50% by default, and always 10',
  },
  { name: 'confirm-deletes', help: 'delete also what is above --max-deletes' },
  {
    name: 'allow-delete',
    metavar: 'KIND',
    help: 'delete also Namespace, CustomResourceDefinition, PersistentVolume or PersistentVolumeClaim; again for more',
  },
];

export const sync: CommandSpec = {
  name: 'sync',
  summary: 'Keeps many clusters as their sync sets say.',
  usage: '[lint] FILE|FOLDER … [options]',
  flags: [...flags, ...outputFlags],
  settings: [],
  operands: Infinity,
  examples: [
    ['hoist sync fleet/', 'apply all sets of the folder to all its clusters, once'],
    ['hoist sync sets/ --context dev --context prod,tier=gold', 'contexts as clusters'],
    ['hoist sync fleet/ --dry-run', 'what would change'],
    ['hoist sync lint sets/', 'mistakes in the sets, without any cluster'],
  ],
  run: async (args, io) => (await import('./run.ts')).runSync(args, io),
};
