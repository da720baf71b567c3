// Completion scripts for shells, made from the commands' flags as pure text.

import type { Flag } from '../../command.ts';

export interface CompletedCommand {
  name: string;
  summary: string;
  flags: readonly Flag[];
}

/** The values of a flag whose metavar lists them, like `text|json`; none where it stands for free text. */
function choicesOf({ metavar = '' }: Flag): string[] {
  return /^[a-z0-9-]+(\|[a-z0-9-]+)+$/.test(metavar) ? metavar.split('|') : [];
}

function spellings({ name, short }: Flag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

/** For bash 3.2 and later. */
export function bashScript(all: readonly CompletedCommand[]): string {
  const values = all.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => {
      const choices = choicesOf(flag);
      if (choices.length === 0) return [];
      const cases = spellings(flag).map((spelling) => `"${name} ${spelling}"`);
      return [`    ${cases.join('|')}) words="${choices.join(' ')}" ;;`];
    }),
  );
  const flags = all.map(({ name, flags: own }) => `      ${name}) words="${own.flatMap(spellings).join(' ')}" ;;`);
  return `# Completion of hoist for bash: source <(hoist completion bash)
_hoist() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${all.map(({ name }) => name).join(' ')}" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  if [ -z "$words" ] && [ "\${cur#-}" != "$cur" ]; then
    case "\${COMP_WORDS[1]}" in
${flags.join('\n')}
    esac
  fi
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _hoist hoist
`;
}

/** For zsh, with compinit loaded. */
export function zshScript(all: readonly CompletedCommand[]): string {
  const cases = all.map(({ name, flags }) => {
    const specs = flags.flatMap((flag) =>
      spellings(flag).map((spelling) => {
        const help = `[${flag.help.replace(/[[\]\\:]/g, '\\$&')}]`;
        if (flag.metavar === undefined) return quoted(`${spelling}${help}`);
        const choices = choicesOf(flag);
        const action = choices.length > 0 ? `(${choices.join(' ')})` : '_files';
        const label = flag.metavar.replace(/[[\]\\:|]/g, ' ').trim();
        return quoted(`${spelling}${spelling.startsWith('--') ? '=' : '+'}${help}:${label}:${action}`);
      }),
    );
    return `    ${name}) _arguments ${[...specs, quoted('*:file:_files')].join(' ')} ;;`;
  });
  return `#compdef hoist
# Completion of hoist for zsh: source <(hoist completion zsh)
_hoist() {
  local -a commands
  commands=(${all.map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`)).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _hoist hoist
`;
}

export function fishScript(all: readonly CompletedCommand[]): string {
  const lines = all.flatMap(({ name, summary, flags }) => [
    `complete -c hoist -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...flags.map((flag) => {
      const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
      const choices = choicesOf(flag);
      const value =
        flag.metavar === undefined ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r';
      return `complete -c hoist -n '__fish_seen_subcommand_from ${name}' -l ${flag.name}${short}${value} -d ${quoted(flag.help)}`;
    }),
  ]);
  return ['# Completion of hoist for fish: hoist completion fish | source', ...lines, ''].join('\n');
}

/** In single quotes, as bash, zsh and fish take them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
