// The completion of fish, asked as its own `complete -C` does.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Place, has, scriptOf } from './shells.ts';

const fish = suite<{ place: Place }>('cli/commands/completion: fish');

fish.before.each((context) => {
  context.place = new Place();
});
fish.after.each(({ place }) => place.close());

/** What fish offers at the end of each line, with the descriptions behind tabs where they are asked for. */
async function offers(place: Place, ...lines: string[]): Promise<string[][]> {
  place.write('script', await scriptOf('fish'));
  lines.forEach((line, i) => place.write(`line-${i}`, line));
  const asked = lines.map((_, i) => `complete -C (cat line-${i} | string collect -N); echo --end--`);
  const stdout = place.run('fish', ['--no-config', '-c', ['source script', ...asked].join('\n')]);
  return stdout
    .split('--end--\n')
    .slice(0, -1)
    .map((part) => part.split('\n').filter((word) => word !== ''));
}

const words = (lines: readonly string[] | undefined): (string | undefined)[] =>
  (lines ?? []).map((line) => line.split('\t')[0]);

const check = has('fish') ? fish : fish.skip;

check('commands, flags, their values, verbs and names', async ({ place }) => {
  const lines = [
    'hoist sta',
    'hoist up --pro',
    'hoist up --provider e',
    'hoist up --provider=e',
    'hoist up -o ',
    'hoist run up --pro',
    'hoist ls --outp',
    'hoist help sn',
    'hoist snapshot ',
    'hoist snapshot restore ',
    'hoist collect an',
    'hoist up --config oth',
    'hoist down ',
  ];
  const all = await offers(place, ...lines);
  assert.equal(all.map(words), [
    ['start', 'status'],
    ['--profile', '--provider'],
    ['embedded', 'existing'],
    ['--provider=embedded', '--provider=existing'],
    ['json', 'text'],
    [],
    ['--output'],
    ['snapshot'],
    ['list', 'remove', 'restore', 'save'],
    [],
    ['analyze'],
    ['other.yaml'],
    ['dev'],
  ]);
  assert.match(all[0]?.[1] ?? '', '\tshow clusters');
});

check('names of tasks; what is in them is never run', async ({ place }) => {
  const [tasks, included, other] = await offers(place, 'hoist run ', 'hoist run sub:', 'hoist run -f other.yaml el');
  assert.equal(tasks, ['build\tBuilds: all of it', 'default', "sub:one\tit's one", 'wait $(touch ran)', 'with space']);
  assert.equal([words(included), words(other)], [['sub:one'], ['elsewhere']]);
  assert.not(existsSync(join(place.folder, 'ran')));
});

fish.run();
