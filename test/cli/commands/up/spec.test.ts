// Which of its works `hoist up` takes, and the name that it is given.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, createPlace } from '../../invoke.ts';

const test = suite<Place>('cli/commands/up/spec');
test.before.each((context) => void Object.assign(context, createPlace()));
test.after.each((context) => context.close());

test('--init writes what is not there, and says what it left', async ({ invoke, folder, write }) => {
  const first = await invoke('up', ['--init']);
  assert.equal([first.code, first.stdout], [0, 'wrote config/cluster.yaml\nwrote steps/example.ts\n'], first.error);
  assert.match(readFileSync(join(folder, 'steps/example.ts'), 'utf8'), 'satisfies CustomStep');
  write('config/cluster.yaml', 'name: mine\n');
  const again = await invoke('up', ['--init']);
  assert.is(again.stdout, 'left config/cluster.yaml as it is\nleft steps/example.ts as it is\n');
  assert.is(readFileSync(join(folder, 'config/cluster.yaml'), 'utf8'), 'name: mine\n');
});

test('--init beside a file that is named; quiet, and as JSON', async ({ invoke, folder }) => {
  const quiet = await invoke('up', ['--init', '--quiet', '--config', 'a/mine.yaml']);
  assert.equal([quiet.code, quiet.stdout], [0, '']);
  assert.ok(existsSync(join(folder, 'a/mine.yaml')));
  assert.ok(existsSync(join(folder, 'a/steps/example.ts')));
  const json = await invoke('up', ['--init', '--quiet', '--config', 'a/mine.yaml', '--output', 'json']);
  assert.equal(JSON.parse(json.stdout), {
    type: 'init',
    files: [
      { path: 'a/mine.yaml', written: false },
      { path: 'a/steps/example.ts', written: false },
    ],
  });
});

test('a name by itself is that of --name, and must not differ from it', async ({ invoke }) => {
  const plan = async (...argv: string[]): Promise<string> => {
    const { stdout, error } = await invoke('up', ['--plan', '-o', 'json', '--provider', 'embedded', ...argv]);
    if (error !== '') return error;
    return (JSON.parse(stdout) as { cluster: { name: string } }).cluster.name;
  };
  assert.is(await plan(), 'dev');
  assert.is(await plan('mine'), 'mine');
  assert.is(await plan('--name', 'mine'), 'mine');
  assert.is(await plan('mine', '--name', 'mine'), 'mine');
  assert.is(await plan('mine', '--name', 'other'), 'the cluster is called "mine" and --name other');
  assert.match(await plan('No Name'), /No Name/);
});

test('a repeat and a sweep are measured', async ({ invoke }) => {
  assert.match((await invoke('up', ['--repeat', 'x'])).error, /^--repeat must be a whole number/);
  assert.match((await invoke('up', ['--sweep', 'agents=1'])).error, 'at least two values are needed');
});

test('a bundle has its own settings', async ({ invoke }) => {
  for (const flag of ['config', 'profile'])
    assert.match(
      (await invoke('up', ['--bundle', 'b.tar', `--${flag}`, 'x'])).error,
      `--bundle has the settings in it, so that --${flag} has no use`,
    );
  assert.match((await invoke('up', ['--bundle', 'none.tar'])).error, 'none.tar');
});

test.run();
