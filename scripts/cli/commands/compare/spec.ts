// `hoist compare`: its words and flags.

import { defineCommand } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const compare = defineCommand({
  name: 'compare',
  summary: 'Compares runs in the benchmark log: which is faster, and is the difference more than noise?',
  usage: '[BEFORE [AFTER]] [options]',
  flags: [
    ...settingsFlags,
    {
      name: 'tool',
      metavar: 'NAME',
      help: 'runs of this command: up (the default), start, restore, run, collect, preflight or sync',
    },
    { name: 'fail-on-regression', metavar: '10%', help: 'exit 7 where AFTER is surely slower by more than this' },
    { name: 'report', metavar: 'FILE', help: 'write a page to look at: timelines, history, machines' },
    { name: 'trace', metavar: 'FILE', help: "write the runs as a trace for Perfetto and Chrome's tracing" },
    { name: 'hyperfine', metavar: 'FILE', help: "write the runs in the shape of hyperfine's --export-json" },
    { name: 'prune', metavar: 'N', help: 'first keep only the newest N runs of the log' },
    {
      name: 'output',
      short: 'o',
      metavar: 'text|json|markdown',
      help: 'json: one object with all figures; markdown: a table for a pull request',
    },
  ],
  settings: ['logDir'],
  operands: 2,
  offers: { files: true },
  examples: [
    ['hoist compare', 'the newest runs, with their ids'],
    ['hoist compare last~1 last', 'the last two runs'],
    ['hoist compare last~10:10 last:10', 'the last ten with the ten before'],
    ['hoist compare main my-branch --fail-on-regression 10%', 'by the label that `up --label` gave'],
    ['hoist compare 2026-01-01..2026-01-31 2026-02-01..', 'by date'],
    ['hoist compare here/runs.jsonl there/runs.jsonl', 'two machines'],
    ['hoist compare last:50 --report report.html', 'a page about fifty runs'],
  ],
  run: async (args, io) => (await import('./run.ts')).runCompare(args, io),
});
