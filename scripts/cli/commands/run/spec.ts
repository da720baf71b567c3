// `hoist run`: its words.

import { defineCommand } from '../../command.ts';
import { flags } from './flags.ts';
import { optimiseLater } from './short-lived.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'Runs tasks of a task file: those of maru and `uds run`, unchanged.',
  usage: '[TASK…] [options]',
  flags,
  settings: [],
  operands: Infinity,
  offers: { names: 'tasks' },
  examples: [
    ['hoist run', 'the task "default" of tasks.yaml'],
    ['hoist run build test', 'two tasks, one after the other'],
    ['hoist run build --set VERSION=1.2.3 --with target=web', 'with a variable and an input'],
    ['hoist run --list-all', 'what there is, includes and inputs too'],
    ['hoist run deploy --dry-run', 'what would be run'],
    ['hoist run --check', 'everything that is wrong with the file'],
  ],
  async run(args, io) {
    optimiseLater();
    return (await import('./run.ts')).runRun(args, io);
  },
});
