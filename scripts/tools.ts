// Lists, fetches and prunes tools; `--help` tells how.

import { tools } from './cli/commands/tools/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(tools, process.argv.slice(2));
