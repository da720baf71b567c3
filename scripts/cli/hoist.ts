// `hoist COMMAND …`: finds the command and runs it.

import { ExitCode } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { forStream } from '../base/terminal-text.ts';
import { commands } from './commands.ts';
import { runCommand } from './run.ts';

const [name, ...argv] = process.argv.slice(2);
const command = commands.find((one) => one.name === name);
if (command) {
  await runCommand(await command.load(), argv);
} else if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
  process.stdout.write(
    [
      'A development Kubernetes cluster, up with everything at once.',
      '',
      'Usage: hoist COMMAND [options]',
      '',
      ...commands.map((one) => `  ${one.name.padEnd(10)}${one.summary}`),
      '',
      '`hoist COMMAND --help` tells more.',
      '',
    ].join('\n'),
  );
  if (name === undefined) process.exitCode = ExitCode.usage;
} else {
  const known = commands.map((one) => one.name);
  process.stderr.write(forStream(`error: unknown command "${name}"${didYouMean(name, known)}\n`));
  process.exitCode = ExitCode.usage;
}
