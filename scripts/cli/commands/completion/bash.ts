// The completion script for bash, from the commands' specs as pure text.

import type { Flag } from '../../command.ts';
import { type CompletedCommand, OWN_WORDS, quoted, spellings, valueOf } from './completed.ts';

/** For bash 3.2 and later. */
export function bashScript(all: readonly CompletedCommand[]): string {
  const commands = [...all.map(({ name }) => name), ...OWN_WORDS.map(([word]) => word)].join(' ');
  return `# Completion of hoist for bash: source <(hoist completion bash)
_hoist_commands=${quoted(commands)}
${TEXT}
# What the command takes, and what may stand for the value of the flag.
_hoist_describe() {
  case "$1" in
    help) verbs=$_hoist_commands ;;
${all.map(described).join('\n')}
  esac
}
complete -o default -F _hoist hoist
`;
}

function described({ name, aliases, flags, offers }: CompletedCommand): string {
  const list = (which: (flag: Flag) => boolean): string => flags.filter(which).flatMap(spellings).join(' ');
  const sets = [
    ['flags', list(() => true)],
    ['valued', list(({ metavar, bare }) => metavar !== undefined && bare === undefined)],
    ['verbs', (offers.verbs ?? []).join(' ')],
    ['names', offers.names ?? ''],
    ['behind', (offers.behind ?? []).join(' ')],
    ['files', offers.files ? 'yes' : ''],
  ] as const;
  const values = flags.flatMap((flag) => {
    const value = valueOf(flag);
    const pattern = spellings(flag).join('|');
    switch (value?.kind) {
      case 'choices':
        return [`        ${pattern}) choices=${quoted(value.choices.join(' '))} ;;`];
      case 'names':
        return [`        ${pattern}) kind=${value.names} ;;`];
      case 'files':
        return [`        ${pattern}) kind=files ;;`];
      case 'text':
      case undefined:
        return [];
    }
  });
  return [
    `    ${[name, ...aliases].join('|')})`,
    ...sets.filter(([, value]) => value !== '').map(([variable, value]) => `      ${variable}=${quoted(value)}`),
    '      case "$2" in',
    ...values,
    '      esac ;;',
  ].join('\n');
}

/** The same for any table of commands. Names are compared and quoted one by one: \`compgen -W\` would expand what is in them. */
const TEXT = `# The words of a line as a shell reads them, the last one unfinished; and the quote that is open there.
_hoist_split() {
  local rest=$1 c word= begun=
  words=() quote=
  while [ -n "$rest" ]; do
    c=\${rest:0:1} rest=\${rest:1}
    if [ -n "$quote" ] && [ "$c" = "$quote" ]; then
      quote=
    elif [ "$c" = '\\' ] && [ "$quote" != "'" ]; then
      word+=\${rest:0:1} rest=\${rest:1} begun=1
    elif [ -n "$quote" ]; then
      word+=$c
    else
      case $c in
        "'" | '"') quote=$c begun=1 ;;
        ' ' | $'\\t')
          [ -n "$begun" ] && words+=("$word")
          word= begun=
          ;;
        *) word+=$c begun=1 ;;
      esac
    fi
  done
  words+=("$word")
}
# Offers those lines that begin with the word at the cursor, after a prefix.
_hoist_offer() {
  local line word
  compopt +o default 2>/dev/null
  while IFS= read -r line; do
    word=$1\${line%%$'\\t'*}
    [ -n "$word" ] && [ "\${word:0:\${#current}}" = "$current" ] || continue
    # Readline takes these for the end of a word, and keeps what stands before them.
    if [ -z "$quote" ]; then
      case "$COMP_WORDBREAKS$current" in *=*=*) word=\${word#"\${current%"\${current##*=}"}"} ;; esac
      case "$COMP_WORDBREAKS$current" in *:*:*) word=\${word#"\${current%"\${current##*:}"}"} ;; esac
      printf -v word %q "$word"
    fi
    COMPREPLY+=("$word")
  done
}
_hoist_ask() {
  local kind=$1
  shift
  "$program" completion --names "$kind" -- "\${words[@]:at+1}" 2>/dev/null
}
_hoist() {
  local words quote current program at=0 word flag= inline= verb=
  local flags= valued= verbs= names= behind= files= choices= kind=
  COMPREPLY=()
  _hoist_split "\${COMP_LINE:0:COMP_POINT}"
  # Variables may stand before the command.
  while [ "$at" -lt "$((\${#words[@]} - 1))" ]; do
    case "\${words[at]}" in hoist | */hoist) break ;; esac
    at=$((at + 1))
  done
  program=\${words[at]/#\\~/$HOME}
  current=\${words[\${#words[@]} - 1]}
  if [ "$((at + 2))" -ge "\${#words[@]}" ]; then
    _hoist_offer '' <<<"\${_hoist_commands// /$'\\n'}"
    return
  fi
  case "$current" in
    --*=*) flag=\${current%%=*} inline="$flag=" ;;
    *) flag=\${words[\${#words[@]} - 2]} ;;
  esac
  _hoist_describe "\${words[at + 1]}" "$flag"
  case " $valued " in *" $flag "*) ;; *) [ -n "$inline" ] || flag= choices= kind= ;; esac
  if [ -n "$choices" ]; then
    _hoist_offer "$inline" <<<"\${choices// /$'\\n'}"
  elif [ "$kind" = files ]; then
    return
  elif [ -n "$kind" ]; then
    _hoist_offer "$inline" < <(_hoist_ask "$kind")
  elif [ -n "$flag" ]; then
    compopt +o default 2>/dev/null
  elif [ "\${current#-}" != "$current" ]; then
    _hoist_offer '' <<<"\${flags// /$'\\n'}"
  else
    for word in "\${words[@]:at+2:\${#words[@]}-at-3}"; do
      case " $verbs " in *" $word "*) [ -n "$verb" ] || verb=$word ;; esac
    done
    [ -z "$verbs" ] || [ -n "$verb" ] || _hoist_offer '' <<<"\${verbs// /$'\\n'}"
    [ -z "$behind" ] || case " $behind " in *" \${verb:-none} "*) ;; *) names= ;; esac
    [ -z "$names" ] || _hoist_offer '' < <(_hoist_ask "$names")
    # Files where nothing else fits.
    [ -n "$files" ] && compopt -o default 2>/dev/null || compopt +o default 2>/dev/null
  fi
}`;
