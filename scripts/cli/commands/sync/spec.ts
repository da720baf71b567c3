// `hoist sync`: its words and flags.

import { type CommandSpec, type Flag, outputFlags } from '../../command.ts';

const flags: readonly Flag[] = [
  {
    name: 'context',
    metavar: 'NAME[,LABEL=VALUE…]',
    many: true,
    help: 'a context of the kubeconfig as a cluster of the fleet, with its labels; again for more',
  },
  { name: 'kubeconfig', metavar: 'FILE', help: 'where contexts are; else as kubectl finds it [KUBECONFIG]' },
  {
    name: 'param',
    metavar: 'NAME=VALUE',
    many: true,
    help: 'a parameter of OpenShift Templates among the files; again for more',
  },
  {
    name: 'hub',
    metavar: 'CONTEXT',
    help: 'take sets and clusters from this cluster, and write their status there; in-cluster for that of the pod',
  },
  { name: 'watch', help: 'keep on: follow the hub, and look at every cluster within --interval' },
  { name: 'interval', metavar: 'TIME', help: 'time between two looks at a cluster that is as wanted; 2h by default' },
  {
    name: 'listen',
    metavar: '[HOST:]PORT',
    help: 'serve metrics, health and a page with live progress, on 127.0.0.1 by default',
  },
  { name: 'token-file', metavar: 'FILE', help: 'what viewers must know where --listen is open to others' },
  { name: 'shard', metavar: 'NAME', help: 'share the fleet of the hub with other processes of other names' },
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
    many: true,
    help: 'delete also Namespace, CustomResourceDefinition, PersistentVolume or PersistentVolumeClaim; again for more',
  },
  { name: 'name', metavar: 'NAME', help: 'adopt: name of the ClusterDeployment; the context by default' },
  {
    name: 'namespace',
    metavar: 'NAME',
    help: 'adopt, deploy: where to, and where Leases of shards are; hoist-sync by default',
  },
  { name: 'label', metavar: 'NAME=VALUE', many: true, help: 'adopt: a label that sets select by; again for more' },
  { name: 'copies', metavar: 'N', help: 'adopt: as many ClusterDeployments for the one cluster, to try scale' },
  { name: 'image', metavar: 'IMAGE', help: 'deploy: the image that the pods run, made with config/sync/Dockerfile' },
  { name: 'replicas', metavar: 'N', help: 'deploy: pods that share the fleet; 3 by default' },
];

export const sync: CommandSpec = {
  name: 'sync',
  summary: 'Keeps many clusters as their sync sets say.',
  usage: '[FILE|FOLDER … | VERB …] [options]',
  flags: [...flags, ...outputFlags],
  settings: [],
  operands: Infinity,
  examples: [
    ['hoist sync fleet/', 'apply all sets of the folder to all its clusters, once'],
    ['hoist sync sets/ --context dev --context prod,tier=gold', 'contexts as clusters'],
    ['hoist sync fleet/ --dry-run', 'what would change'],
    ['hoist sync lint sets/', 'mistakes in the sets, without any cluster'],
    ['hoist sync install --hub hub', "hive's kinds on a cluster that is to be the hub"],
    ['hoist sync adopt dev --hub hub --label tier=gold', 'a context as a cluster of the hub'],
    ['hoist sync --hub hub --watch --listen 8080', 'keep the fleet, and show it'],
    ['hoist sync status --hub hub', 'what the hub says of its clusters'],
    ['hoist sync deploy --image REGISTRY/hoist-sync', 'pods on the hub that keep its fleet, as YAML'],
    ['hoist sync now fleet/dev --hub hub', 'look at a cluster at once'],
  ],
  run: async (args, io) => (await import('./run.ts')).runSync(args, io),
};
