// The completion of zsh: an interactive one on a terminal of its own, with the key that a person presses.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Place, has, scriptOf } from './shells.ts';

const zsh = suite<{ place: Place }>('cli/commands/completion: zsh');

zsh.before.each((context) => {
  context.place = new Place();
});
zsh.after.each(({ place }) => place.close());

/** Writes each line that stands in a file, presses Tab, and prints the matches that zsh was given for it. */
const DRIVER = `
zmodload zsh/zpty
zpty shell zsh -f -i
reads_to() {
  local line
  while zpty -r shell line; do
    [[ $line == *$1* ]] && return
    line=\${line//$'\\r'/}
    [[ $line == *'<hit> '* ]] && print -r -- "\${\${line##*<hit> }%$'\\n'}"
  done
}
zpty -w shell 'PROMPT= RPROMPT=; unsetopt zle_bracketed_paste; stty -echo; autoload -Uz compinit; compinit -D -u; source script'
zpty -w shell 'compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -A hits "$@"; local hit; for hit in $hits; print -r -- "<""hit> $IPREFIX$hit"
  builtin compadd "$@"
}
ended() { compstate[insert]= compstate[list]=; print -r -- "com""pleted" }
print -r -- "rea""dy"'
reads_to ready
for file in $@; do
  zpty -w shell 'comppostfuncs=(ended)'
  zpty -w -n shell "$(<$file)"
  zpty -w -n shell $'\\t'
  reads_to completed
  print -r -- --end--
  zpty -w -n shell $'\\x15'
done
zpty -d shell
`;

async function offers(place: Place, ...lines: string[]): Promise<string[][]> {
  place.write('script', await scriptOf('zsh'));
  place.write('driver', DRIVER);
  lines.forEach((line, i) => place.write(`line-${i}`, line));
  const stdout = place.run('zsh', ['-f', 'driver', ...lines.map((_, i) => `line-${i}`)]);
  return stdout
    .split('--end--\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((word) => word !== ''));
}

const check = has('zsh') ? zsh : zsh.skip;

check('commands, flags, their values, verbs and names', async ({ place }) => {
  const lines = [
    'hoist sta',
    'hoist up --pro',
    'hoist up --provider=e',
    'hoist up -o ',
    'hoist ls --outp',
    'hoist help sn',
    'hoist run --list',
    'hoist collect --values a --values b --val',
    'hoist snapshot ',
    'hoist snapshot restore ',
    'hoist down d',
  ];
  assert.equal(await offers(place, ...lines), [
    ['start', 'status'],
    ['--profile', '--provider'],
    ['--provider=embedded', '--provider=existing'],
    ['text', 'json'],
    ['--output'],
    ['snapshot'],
    ['--list', '--list-all'],
    ['--values'],
    ['save', 'list', 'restore', 'remove'],
    [],
    ['dev'],
  ]);
});

check('names of tasks; what is in them is never run', async ({ place }) => {
  const [words, included, other] = await offers(place, 'hoist run w', 'hoist run sub:', 'hoist run -f other.yaml ');
  assert.equal(words?.sort(), ['wait\\ \\$\\(touch\\ ran\\)', 'with\\ space']);
  assert.equal([included, other], [['sub:one'], ['elsewhere']]);
  assert.not(existsSync(join(place.folder, 'ran')));
});

check('backslashes and colons of names stay as they are', async ({ place }) => {
  place.write(
    'kubeconfig',
    "contexts: [{ name: 'corp\\me:eu', context: { cluster: 'a\\b:c' } }, { name: 'corp\\\\x' }]\n",
  );
  assert.equal(await offers(place, 'hoist up --context cor', "hoist up --context 'corp\\m"), [
    ['corp\\\\me:eu', 'corp\\\\\\\\x'],
    ['corp\\me:eu'],
  ]);
});

zsh.run();
