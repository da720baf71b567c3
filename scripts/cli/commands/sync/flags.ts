// The flags of `hoist sync`, and which of them each of its forms reads: the others are refused rather than passed over.

import { UsageError } from '../../../base/errors.ts';
import { type Arguments, type Flag, type FlagValues, outputFlags } from '../../command.ts';

export const syncFlags = [
  {
    name: 'context',
    metavar: 'NAME[,LABEL=VALUE…]',
    names: 'contexts',
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
    names: 'contexts',
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
  {
    name: 'rollout',
    metavar: 'WAVE,WAVE…',
    help: 'one wave of clusters after the other, like canary=true,5%,25%: by label, share or number; the rest comes last',
  },
  { name: 'max-failures', metavar: 'N|P%', help: 'failed clusters at which a rollout goes on; 0 by default' },
  {
    name: 'health-timeout',
    metavar: 'TIME',
    help: 'how long the workloads of a wave may take until they run; 5m by default',
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
  ...outputFlags,
] as const satisfies readonly Flag[];

export type SyncFlags = FlagValues<typeof syncFlags>;

const output = ['output', 'quiet', 'verbose'] as const;
const hub = ['hub', 'kubeconfig'] as const;
const files = ['context', 'kubeconfig', 'param'] as const;
const pass = ['dry-run', 'strict', 'workers', 'max-deletes', 'confirm-deletes', 'allow-delete'] as const;
const rollout = ['rollout', 'max-failures', 'health-timeout'] as const;
const kept = ['watch', 'interval', 'listen', 'token-file'] as const;

/** By form: what it is called in messages, and what it reads. */
export const forms = {
  lint: { called: 'sync lint', takes: ['param', 'strict', ...output] },
  install: { called: 'sync install', takes: [...hub, ...output] },
  adopt: { called: 'sync adopt', takes: [...hub, 'name', 'namespace', 'label', 'copies', ...output] },
  status: { called: 'sync status', takes: [...hub, ...output] },
  deploy: { called: 'sync deploy', takes: ['namespace', 'image', 'replicas'] },
  now: { called: 'sync now', takes: hub },
  diff: {
    called: 'sync diff',
    takes: ['hub', ...files, 'strict', 'workers', 'max-deletes', 'confirm-deletes', 'allow-delete', ...output],
  },
  files: { called: 'sync FILES', takes: [...files, ...pass, 'attempts', ...rollout, ...output] },
  filesWatch: { called: 'sync FILES --watch', takes: [...files, ...pass, ...kept, ...output] },
  hub: {
    called: 'sync --hub',
    takes: [...hub, ...pass, 'attempts', ...rollout, 'listen', 'token-file', 'shard', 'namespace', ...output],
  },
  hubWatch: { called: 'sync --hub --watch', takes: [...hub, ...pass, ...kept, 'shard', 'namespace', ...output] },
} as const satisfies Readonly<Record<string, { called: string; takes: readonly (keyof SyncFlags)[] }>>;

export type Form = keyof typeof forms;

/** What the code of a form is given: the flags that it takes, and no others. */
export interface FormArguments<F extends Form> {
  flags: Pick<SyncFlags, (typeof forms)[F]['takes'][number]>;
  operands: readonly string[];
}

/** @throws UsageError with every flag that was given and that the form does not read */
export function argumentsOf<F extends Form>(
  form: F,
  { flags, operands }: Pick<Arguments<typeof syncFlags>, 'flags' | 'operands'>,
): FormArguments<F> {
  const { called, takes } = forms[form];
  const taken: ReadonlySet<string> = new Set(takes);
  const strange = syncFlags.filter(({ name }) => !taken.has(name) && isGiven(flags[name])).map(({ name }) => name);
  if (strange.length === 0) return { flags, operands };
  throw new UsageError(strange.map((name) => `\`hoist ${called}\` does not read --${name}`).join('\n'), {
    hint: `It reads ${takes.map((name) => `--${name}`).join(', ')}.`,
  });
}

function isGiven(value: SyncFlags[keyof SyncFlags]): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
