// Shows clusters; `--help` tells how.

import { status } from './cli/commands/status/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(status, process.argv.slice(2));
