// Removes clusters; `--help` tells how.

import { down } from './cli/commands/down/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(down, process.argv.slice(2));
