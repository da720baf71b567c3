// The completion script for fish, from the commands' specs as pure text.

import type { Flag } from '../../command.ts';
import { type CompletedCommand, OWN_WORDS, quoted, valueOf } from './completed.ts';

/** For fish 3.1 and later. */
export function fishScript(all: readonly CompletedCommand[]): string {
  const words = [...all.map(({ name, summary }) => [name, summary] as const), ...OWN_WORDS];
  const commands = words.map(([word, what]) => `complete -c hoist -n '__hoist_first' -a ${word} -d ${quoted(what)}`);
  const helped = all.map(
    ({ name, summary }) => `complete -c hoist -n '__hoist_in help' -a ${name} -d ${quoted(summary)}`,
  );
  return [TEXT, ...commands, ...helped, ...all.flatMap(described), ''].join('\n');
}

const TEXT = `# Completion of hoist for fish: hoist completion fish | source
# Whether the word at the cursor is the command.
function __hoist_first
    test (count (commandline -opc)) -eq 1
end
# Whether the command is one of these.
function __hoist_in
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end
# Whether no verb of these stands in the line yet.
function __hoist_no_verb
    for word in (commandline -opc)[3..-1]
        contains -- $word $argv; and return 1
    end
    return 0
end
# Names that only the machine knows, of one kind.
function __hoist_names
    set -l words (commandline -opc)
    command $words[1] completion --names $argv[1] -- $words[2..-1] (commandline -ct) 2>/dev/null
end
# The same for an operand. fish asks also where a flag is being written, and would wait for nothing.
function __hoist_operands
    string match -q -- '-*' (commandline -ct); or __hoist_names $argv
end
complete -c hoist -f`;

function described({ name, aliases, flags, offers }: CompletedCommand): string[] {
  const within = `__hoist_in ${[name, ...aliases].join(' ')}`;
  const { verbs = [], names, behind, files } = offers;
  const operands = [
    ...(verbs.length > 0 ? [`-n '${within}; and __hoist_no_verb ${verbs.join(' ')}' -a '${verbs.join(' ')}'`] : []),
    ...(names === undefined
      ? []
      : [
          `-n '${within}${behind === undefined ? '' : `; and not __hoist_no_verb ${behind.join(' ')}`}' -a '(__hoist_operands ${names})'`,
        ]),
    ...(files ? [`-n '${within}' -F`] : []),
  ];
  return [...operands, ...flags.map((flag) => `-n '${within}' ${flagOptions(flag)}`)].map(
    (options) => `complete -c hoist ${options}`,
  );
}

function flagOptions(flag: Flag): string {
  const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
  return `-l ${flag.name}${short}${valueOptions(flag)} -d ${quoted(flag.help)}`;
}

function valueOptions(flag: Flag): string {
  const value = valueOf(flag);
  // One that may stand alone takes a value only behind \`=\`, which fish would ask for as the next word.
  if (value === undefined || flag.bare !== undefined) return '';
  switch (value.kind) {
    case 'choices':
      return ` -x -a ${quoted(value.choices.join(' '))}`;
    case 'names':
      return ` -x -a '(__hoist_names ${value.names})'`;
    case 'files':
      return ' -r -F';
    case 'text':
      return ' -x';
  }
}
