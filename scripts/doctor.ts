// Looks at what `up` needs; `--help` tells how.

import { doctor } from './cli/commands/doctor/spec.ts';
import { runCommand } from './cli/run.ts';

await runCommand(doctor, process.argv.slice(2));
