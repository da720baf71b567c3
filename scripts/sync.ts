// Keeps many clusters as their sync sets say; `--help` tells how.

import { sync } from './cli/commands/sync/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(sync, process.argv.slice(2));
