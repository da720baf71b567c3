// Collects a support bundle; `--help` tells how.

import { collect } from './cli/commands/collect/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(collect, process.argv.slice(2));
