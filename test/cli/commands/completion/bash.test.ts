// The completion of bash: what its function offers for a line.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Place, has, scriptOf } from './shells.ts';

const bash = suite<{ place: Place }>('cli/commands/completion: bash');

bash.before.each((context) => {
  context.place = new Place();
});
bash.after.each(({ place }) => place.close());

/** What bash offers at the end of each line, as it would write it into the line. */
async function offers(place: Place, ...lines: string[]): Promise<string[][]> {
  const script = place.write('script', await scriptOf('bash'));
  const asked = lines.map((line, i) => {
    place.write(`line-${i}`, line);
    return `COMP_LINE=$(<line-${i}) COMP_LINE=\${COMP_LINE%.} COMP_POINT=\${#COMP_LINE}; _hoist
printf '%s\\n' "\${COMPREPLY[@]}" --end--`;
  });
  const stdout = place.run('bash', ['--norc', '-c', [`source ${script}`, ...asked].join('\n')]);
  return stdout
    .split('--end--\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((word) => word !== ''));
}

const check = has('bash') ? bash : bash.skip;

check('commands, flags of the command or what else it is called, and the values of flags', async ({ place }) => {
  const lines = [
    'hoist sta.',
    'hoist up --pro.',
    'AGENTS=3 ./hoist up --provider e.',
    'hoist up --provider=e.',
    'hoist up -o .',
    'hoist stop --agen.',
    'hoist ls --outp.',
    'hoist help sn.',
    'hoist run --list.',
    'hoist run -t .',
    'hoist up --config .',
  ];
  const [first, flags, ...rest] = await offers(place, ...lines);
  assert.equal(first, ['start', 'status']);
  assert.equal(flags, ['--profile', '--provider']);
  assert.equal(rest.slice(0, 7), [
    ['embedded', 'existing'],
    ['embedded', 'existing'],
    ['text', 'json'],
    [],
    ['--output'],
    ['snapshot'],
    ['--list', '--list-all'],
  ]);
  assert.ok(rest[7]?.includes('default'), 'a flag that may stand alone takes no next word');
  assert.equal(rest[8], [], "files are readline's");
});

check('verbs, and names behind those that take some', async ({ place }) => {
  const lines = [
    'hoist snapshot .',
    'hoist snapshot save .',
    'hoist collect an.',
    'hoist completion .',
    'hoist down d.',
  ];
  assert.equal(await offers(place, ...lines), [
    ['save', 'list', 'restore', 'remove'],
    [],
    ['analyze'],
    ['bash', 'zsh', 'fish'],
    ['dev'],
  ]);
});

check('names of tasks, however they are quoted; what is in them is never run', async ({ place }) => {
  const lines = [
    'hoist run w.',
    "hoist run 'with s.",
    'hoist run with\\ .',
    'hoist run sub:.',
    'hoist run -f other.yaml .',
    'hoist run --file=nowhere.yaml .',
    'hoist collect --context staging:.',
  ];
  assert.equal(await offers(place, ...lines), [
    ['with\\ space', 'wait\\ \\$\\(touch\\ ran\\)'],
    ['with space'],
    ['with\\ space'],
    ['one'],
    ['elsewhere'],
    [],
    ['eu'],
  ]);
  assert.not(existsSync(join(place.folder, 'ran')));
});

bash.run();
