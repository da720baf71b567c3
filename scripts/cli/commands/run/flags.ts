// The flags of `hoist run`, and what they give.

import { type Flag, type FlagValues, outputFlags } from '../../command.ts';

export const flags = [
  { name: 'file', short: 'f', metavar: 'FILE', help: 'the task file; defaults to tasks.yaml' },
  { name: 'set', metavar: 'NAME=VALUE', many: true, help: 'set a variable; may be repeated' },
  { name: 'with', metavar: 'NAME=VALUE', many: true, help: 'give an input to the task; may be repeated' },
  { name: 'list', short: 't', metavar: 'md', bare: 'text', help: 'list the tasks of the file; =md: as Markdown' },
  { name: 'list-all', short: 'T', metavar: 'md', bare: 'text', help: 'list also the tasks of its includes' },
  { name: 'check', help: 'check the whole file, warnings too; run nothing' },
  { name: 'dry-run', help: 'print the commands that would be run, with the values of their variables' },
  { name: 'graph', help: 'print which tasks call which, as a Mermaid flowchart' },
  { name: 'explain', metavar: 'NAME', help: 'say where the value of a variable comes from' },
  { name: 'jobs', short: 'j', metavar: 'N', help: 'the most commands at once; defaults to 64' },
  { name: 'parallel', short: 'p', help: 'run the tasks of the command line at the same time' },
  { name: 'watch', short: 'w', help: 'run the tasks again whenever their `sources` change' },
  { name: 'force', help: 'run also tasks that are up to date' },
  { name: 'offline', help: 'take remote includes from the cache alone' },
  { name: 'update-lock', help: 'pin what the URLs of remote includes stand for now' },
  { name: 'label', metavar: 'TEXT', help: 'a name for this run in the benchmark log' },
  ...outputFlags,
  {
    name: 'log-level',
    short: 'l',
    metavar: 'LEVEL',
    help: 'as in maru: error and warn are --quiet, debug and trace --verbose',
  },
  { name: 'no-progress', help: 'as in maru: plain lines on a terminal too' },
  { name: 'no-log-file', help: 'as in maru; there is no log file' },
  { name: 'tmpdir', metavar: 'DIR', help: 'taken as by maru, without an effect: TMPDIR is what counts' },
] as const satisfies readonly Flag[];

export type RunFlags = FlagValues<typeof flags>;
