// Brings a cluster up; `--help` tells how.

import { up } from './cli/commands/up/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(up, process.argv.slice(2));
