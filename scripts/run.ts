// Runs tasks of a task file; `--help` tells how.

import { run } from './cli/commands/run/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(run, process.argv.slice(2));
