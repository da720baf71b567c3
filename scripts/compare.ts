// Compares runs in the benchmark log; `--help` tells how.

import { compare } from './cli/commands/compare/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(compare, process.argv.slice(2));
