// Checks whether a cluster is fit for what is to be installed; `--help` tells how.

import { preflight } from './cli/commands/preflight/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(preflight, process.argv.slice(2));
