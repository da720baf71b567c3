// What `hoist completion` does.

import { UsageError } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { optionsOf } from '../../../settings/options.ts';
import { type Command, type CommandSpec, type Flag, type Io, type NamesKind, helpFlag } from '../../command.ts';
import { aliases } from '../../aliases.ts';
import { bashScript } from './bash.ts';
import type { CompletedCommand } from './completed.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: ReadonlyMap<string, (all: readonly CompletedCommand[]) => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/** What stands for the values of settings, by key. */
const NAMED_SETTINGS: Readonly<Record<string, NamesKind>> = { name: 'clusters', context: 'contexts' };

export async function runCompletion(
  [shell = '', ...more]: readonly string[],
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  const script = SCRIPTS.get(shell);
  if (!script || more.length > 0) {
    const known = [...SCRIPTS.keys()];
    const asked =
      script || shell === '' ? 'completion takes the name of one shell' : `there is no completion for "${shell}"`;
    throw new UsageError(`${asked}${didYouMean(shell, known)}`, { hint: `There is one for ${known.join(', ')}.` });
  }
  io.stdout.write(
    script(await Promise.all(commands.map(async (command) => completed(await command.load(), command.summary)))),
  );
  return 0;
}

function completed(spec: CommandSpec, summary: string): CompletedCommand {
  const settings = optionsOf(spec.settings).map(({ key, flag, metavar, help, kind }): Flag => {
    const names = NAMED_SETTINGS[key];
    const many = kind === 'list' || kind === 'paths' ? { many: true as const } : {};
    return { name: flag, metavar, help, ...many, ...(names === undefined ? {} : { names }) };
  });
  // A flag of the command's own stands for a setting of the same name.
  const own = new Set(spec.flags.map(({ name }) => name));
  return {
    name: spec.name,
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === spec.name),
    summary,
    offers: spec.offers ?? {},
    flags: [...spec.flags, ...settings.filter(({ name }) => !own.has(name)), helpFlag],
  };
}
