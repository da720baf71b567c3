// The one table of commands: `hoist COMMAND` and the help of `hoist` come from it; only the command that is run is loaded.

import type { Command } from './command.ts';

export const commands: readonly Command[] = [
  {
    name: 'up',
    summary: 'create a cluster, or repair it',
    load: async () => (await import('./commands/up/spec.ts')).up,
  },
  { name: 'down', summary: 'delete clusters', load: async () => (await import('./commands/down/spec.ts')).down },
  {
    name: 'stop',
    summary: 'stop a cluster, its data kept',
    load: async () => (await import('./commands/stop/spec.ts')).stop,
  },
  {
    name: 'start',
    summary: 'start a stopped cluster',
    load: async () => (await import('./commands/start/spec.ts')).start,
  },
  {
    name: 'snapshot',
    summary: 'keep what a cluster holds, and bring it back',
    load: async () => (await import('./commands/snapshot/spec.ts')).snapshot,
  },
  {
    name: 'bundle',
    summary: 'pack what `up` needs, for machines without a network',
    load: async () => (await import('./commands/bundle/spec.ts')).bundle,
  },
  {
    name: 'diff',
    summary: 'show what a cluster differs in from its settings',
    load: async () => (await import('./commands/diff/spec.ts')).diff,
  },
  { name: 'status', summary: 'show clusters', load: async () => (await import('./commands/status/spec.ts')).status },
  {
    name: 'doctor',
    summary: 'check for anything that would make `up` fail',
    load: async () => (await import('./commands/doctor/spec.ts')).doctor,
  },
  {
    name: 'run',
    summary: 'run tasks of a task file',
    load: async () => (await import('./commands/run/spec.ts')).run,
  },
  {
    name: 'collect',
    summary: 'collect a support bundle, redacted',
    load: async () => (await import('./commands/collect/spec.ts')).collect,
  },
  {
    name: 'preflight',
    summary: 'check a cluster and this host before an installation',
    load: async () => (await import('./commands/preflight/spec.ts')).preflight,
  },
  {
    name: 'compare',
    summary: 'compare runs in the benchmark log',
    load: async () => (await import('./commands/compare/spec.ts')).compare,
  },
  {
    name: 'tools',
    summary: 'list, fetch and prune the binaries that hoist uses',
    load: async () => (await import('./commands/tools/spec.ts')).tools,
  },
  {
    name: 'sync',
    summary: 'keep many clusters as their sync sets say',
    load: async () => (await import('./commands/sync/spec.ts')).sync,
  },
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    load: async () => (await import('./commands/completion/spec.ts')).completionOf(commands),
  },
];
