// Stops a cluster; `--help` tells how.

import { stop } from './cli/commands/stop/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(stop, process.argv.slice(2));
