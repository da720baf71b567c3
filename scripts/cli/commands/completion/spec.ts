// `hoist completion`: its words.

import { type Command, type CommandSpec, defineCommand } from '../../command.ts';

/** @param commands the table, which itself holds this command. */
export const completionOf = (commands: readonly Command[]): CommandSpec =>
  defineCommand({
    name: 'completion',
    summary: 'Prints a script that completes commands, flags and their values in a shell.',
    usage: 'bash | zsh | fish',
    flags: [],
    settings: [],
    operands: 1,
    examples: [
      ['source <(hoist completion bash)', 'in ~/.bashrc'],
      ['source <(hoist completion zsh)', 'in ~/.zshrc, after compinit'],
      ['hoist completion fish | source', 'in ~/.config/fish/config.fish'],
    ],
    run: async (args, io) => (await import('./run.ts')).runCompletion(args.operands, commands, io),
  });
