// `hoist run`: its words and flags.

import { type CommandSpec, outputFlags } from '../../command.ts';

export const run: CommandSpec = {
  name: 'run',
  summary: 'Runs tasks of a task file: those of maru and `uds run`, unchanged.',
  usage: '[TASK…] [options]',
  flags: [
    { name: 'file', short: 'f', metavar: 'FILE', help: 'the task file; tasks.yaml where not given' },
    { name: 'set', metavar: 'NAME=VALUE', help: 'set a variable; may be repeated' },
    { name: 'with', metavar: 'NAME=VALUE', help: 'give an input to the task; may be repeated' },
    { name: 'list', short: 't', help: 'list the tasks of the file' },
    { name: 'jobs', short: 'j', metavar: 'N', help: 'the most commands at once; 64 where not given' },
    ...outputFlags,
  ],
  settings: false,
  operands: Infinity,
  examples: [
    ['hoist run', 'the task "default" of tasks.yaml'],
    ['hoist run build test', 'two tasks, one after the other'],
    ['hoist run build --set VERSION=1.2.3 --with target=web', 'with a variable and an input'],
    ['hoist run --list', 'what there is'],
  ],
  run: async (args, io) => (await import('./run.ts')).runRun(args, io),
};
