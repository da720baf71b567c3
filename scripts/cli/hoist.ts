// `hoist COMMAND …`: finds the command and runs it.

import { nearest } from '../engine/nearest.ts';
import { ExitCode } from '../errors.ts';
import type { CommandSpec } from './command.ts';
import { runCommand } from './run.ts';

interface Entry {
  summary: string;
  load(): Promise<CommandSpec>;
}

/** Only the command that is run is loaded. */
const commands: Readonly<Record<string, Entry>> = {
  up: { summary: 'bring a cluster up', load: async () => (await import('./commands/up.ts')).up },
  down: { summary: 'remove clusters', load: async () => (await import('./commands/down.ts')).down },
  stop: { summary: 'stop a cluster, its data kept', load: async () => (await import('./commands/stop.ts')).stop },
  start: { summary: 'start a stopped cluster', load: async () => (await import('./commands/start.ts')).start },
  compare: {
    summary: 'compare runs in the benchmark log',
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  status: { summary: 'show clusters', load: async () => (await import('./commands/status.ts')).status },
  doctor: {
    summary: 'look at everything that `up` needs',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  tools: {
    summary: 'list, fetch and prune the binaries that hoist uses',
    load: async () => (await import('./commands/tools.ts')).tools,
  },
};

const [name, ...argv] = process.argv.slice(2);
const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
if (entry) {
  await runCommand(await entry.load(), argv);
} else if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
  const rows = Object.entries(commands).map(([command, { summary }]) => `  ${command.padEnd(10)}${summary}`);
  process.stdout.write(
    [
      'A development Kubernetes cluster, up with everything at once.',
      '',
      'Usage: hoist COMMAND [options]',
      '',
      ...rows,
      '',
      '`hoist COMMAND --help` tells more.',
      '',
    ].join('\n'),
  );
  if (name === undefined) process.exitCode = ExitCode.usage;
} else {
  const guess = nearest(name, Object.keys(commands));
  process.stderr.write(`error: unknown command "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}\n`);
  process.exitCode = ExitCode.usage;
}
