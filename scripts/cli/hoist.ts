// `hoist COMMAND …`: finds the command and runs it.

import { ExitCode } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { forStream } from '../base/terminal-text.ts';
import { HOIST_VERSION } from '../base/version.ts';
import type { Command } from './command.ts';
import { aliases } from './aliases.ts';
import { commands } from './commands.ts';
import { type Outlet, runCommand, watchOutput } from './run.ts';

/** Runs the command that the process's arguments name, and sets its exit code. */
export async function main(
  [name, ...argv]: readonly string[] = process.argv.slice(2),
  outlet: Outlet = process,
): Promise<void> {
  watchOutput(outlet);
  const asksForHelp = name === 'help' || name === '--help' || name === '-h';
  const asked = asksForHelp ? argv[0] : name;
  const command = find(asked);
  if (command) {
    await runCommand(await command.load(), asksForHelp ? ['--help'] : argv, outlet);
  } else if (asked === undefined) {
    outlet.stdout.write(overview());
    if (name === undefined) outlet.exitCode = ExitCode.usage;
  } else if (asked === 'version' || asked === '--version' || asked === '-V') {
    outlet.stdout.write(`hoist ${HOIST_VERSION} (Node.js ${process.versions.node})\n`);
  } else {
    const known = [...commands.map((one) => one.name), ...Object.keys(aliases)];
    outlet.stderr.write(
      forStream(`error: unknown command "${asked}"${didYouMean(asked, known)}\n\`hoist help\` lists all of them.\n`),
    );
    outlet.exitCode = ExitCode.usage;
  }
}

function find(wanted: string | undefined): Command | undefined {
  const own = wanted === undefined ? undefined : Object.hasOwn(aliases, wanted) ? aliases[wanted] : wanted;
  return commands.find((one) => one.name === own);
}

/** At most 80 columns wide. */
function overview(): string {
  const names = Math.max(...commands.map((one) => one.name.length)) + 2;
  return [
    'Kubernetes clusters for development, task files, support bundles and fleets.',
    '',
    'Usage: hoist COMMAND [options]',
    '',
    ...commands.map((one) => `  ${one.name.padEnd(names)}${one.summary}`),
    '',
    '`hoist COMMAND --help` describes a command; `hoist version` prints the version.',
    'What other tools say is understood too: `ls` or `list` is `status`, `create` is',
    '`up`, `delete` is `down`.',
    '',
  ].join('\n');
}
