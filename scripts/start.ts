// Starts a stopped cluster; `--help` tells how.

import { start } from './cli/commands/start/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(start, process.argv.slice(2));
