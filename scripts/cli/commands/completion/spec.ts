// `hoist completion`: its words.

import { type Command, type CommandSpec, defineCommand } from '../../command.ts';

/** @param commands the table, which itself holds this command. */
export const completionOf = (commands: readonly Command[]): CommandSpec =>
  defineCommand({
    name: 'completion',
    summary: 'Prints a script that completes commands, flags, their values and names in a shell.',
    usage: 'bash | zsh | fish | --names KIND',
    flags: [
      {
        name: 'names',
        metavar: 'clusters|contexts|snapshots|tasks',
        help: 'what the scripts ask for: print those names, one a line',
      },
    ],
    settings: [],
    operands: Infinity,
    offers: { verbs: ['bash', 'zsh', 'fish'] },
    examples: [
      ['source <(hoist completion bash)', 'in ~/.bashrc'],
      ['source <(hoist completion zsh)', 'in ~/.zshrc, after compinit'],
      ['hoist completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    async run({ flags: { names }, operands }, io) {
      if (names !== undefined) return (await import('./names.ts')).runNames(names, operands, io);
      return (await import('./run.ts')).runCompletion(operands, commands, io);
    },
  });
