// The completion script for zsh, from the commands' specs as pure text.

import type { Flag } from '../../command.ts';
import { type CompletedCommand, OWN_WORDS, quoted, spellings, valueOf } from './completed.ts';

/** For zsh with compinit loaded. */
export function zshScript(all: readonly CompletedCommand[]): string {
  const words = [...all.map(({ name, summary }) => [name, summary] as const), ...OWN_WORDS];
  return `#compdef hoist
# Completion of hoist for zsh: source <(hoist completion zsh)
_hoist_commands() {
  local -a commands
  commands=(${words.map(([word, what]) => quoted(`${word}:${what.replaceAll(':', '\\:')}`)).join(' ')})
  _describe -t commands command commands
}
# Names that only the machine knows, of one kind.
_hoist_names() {
  local -a lines
  lines=("\${(@f)$("$_hoist_program" completion --names "$1" -- "\${(@Q)words[2,-1]}" 2>/dev/null)}")
  # A backslash, too, is taken for one that quotes.
  lines=(\${\${lines:#}//\\\\/\\\\\\\\})
  lines=(\${lines//:/\\\\:})
  lines=("\${(@)lines/$'\\t'/:}")
  (( $#lines )) && _describe -t "$1" "$1" lines
}
# What may be an operand: a verb first, behind some of them names, or files.
_hoist_operands() {
  local verbs=$1 names=$2 behind=$3 files=$4 verb= word
  for word in "\${(@Q)words[2,CURRENT-1]}"; do
    [[ -z $verb && -n $word && " $verbs " == *" $word "* ]] && verb=$word
  done
  local -a offers
  [[ -n $verbs && -z $verb ]] && offers+=("verbs:verb:($verbs)")
  [[ -n $names && ( -z $behind || " $behind " == *" \${verb:-none} "* ) ]] && offers+=("names:name: _hoist_names $names")
  [[ -n $files ]] && offers+=('files:file:_files')
  (( $#offers )) && _alternative $offers
}
_hoist() {
  local _hoist_program=\${(Q)words[1]}
  _hoist_program=\${_hoist_program/#\\~/$HOME}
  if (( CURRENT == 2 )); then
    _hoist_commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help) _hoist_commands ;;
${all.map(described).join('\n')}
  esac
}
compdef _hoist hoist
`;
}

function described({ name, aliases, flags, offers }: CompletedCommand): string {
  const { verbs = [], names = '', behind = [], files } = offers;
  const operands = [verbs.join(' '), names, behind.join(' '), files ? 'yes' : ''].map((text) => `"${text}"`).join(' ');
  const specs = [...flags.flatMap(flagSpecs), quoted(`*: : _hoist_operands ${operands}`)];
  return `    ${[name, ...aliases].join('|')}) _arguments ${specs.join(' ')} ;;`;
}

function flagSpecs(flag: Flag): string[] {
  const all = spellings(flag);
  const before = flag.many === true ? '*' : `(${all.join(' ')})`;
  const help = `[${flag.help.replace(/[[\]\\:]/g, '\\$&')}]`;
  return all.map((spelling) => {
    const value = valueOf(flag);
    if (value === undefined) return quoted(`${before}${spelling}${help}`);
    const long = spelling.startsWith('--');
    const label = (flag.metavar ?? '').replace(/[[\]\\:|]/g, ' ').trim();
    const action =
      value.kind === 'choices'
        ? `(${value.choices.join(' ')})`
        : value.kind === 'names'
          ? ` _hoist_names ${value.names}`
          : value.kind === 'files'
            ? '_files'
            : ' ';
    // One that may stand alone takes a value only behind \`=\`.
    if (flag.bare !== undefined) return quoted(`${before}${spelling}${long ? `=-${help}::${label}:${action}` : help}`);
    return quoted(`${before}${spelling}${long ? '=' : '+'}${help}:${label}:${action}`);
  });
}
