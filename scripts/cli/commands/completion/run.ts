// What `hoist completion` does.

import { UsageError } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { optionsOf } from '../../../settings/options.ts';
import { type Command, type CommandSpec, type Flag, type Io, helpFlag } from '../../command.ts';
import { type CompletedCommand, bashScript, fishScript, zshScript } from './view.ts';

const SCRIPTS: ReadonlyMap<string, (all: readonly CompletedCommand[]) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

export async function runCompletion(
  [shell = '']: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  const script = SCRIPTS.get(shell);
  if (!script) {
    const known = [...SCRIPTS.keys()];
    const asked = shell === '' ? 'completion needs the name of a shell' : `there is no completion for "${shell}"`;
    throw new UsageError(`${asked}${didYouMean(shell, known)}`, { hint: `There is one for ${known.join(', ')}.` });
  }
  io.stdout.write(
    script(await Promise.all(commands.map(async (command) => completed(await command.load(), command.summary)))),
  );
  return 0;
}

function completed(spec: CommandSpec, summary: string): CompletedCommand {
  const settings = optionsOf(spec.settings).map(({ flag, metavar, help }): Flag => ({ name: flag, metavar, help }));
  // A flag of the command's own stands for a setting of the same name.
  const own = new Set(spec.flags.map(({ name }) => name));
  return {
    name: spec.name,
    summary,
    flags: [...spec.flags, ...settings.filter(({ name }) => !own.has(name)), helpFlag],
  };
}
