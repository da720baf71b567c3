// What `hoist up` says at its end, of an existing cluster, in this process; its codes, and what it keeps.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExistingPlace, configMap, onExisting } from '../../existing-place.ts';

const test = suite<ExistingPlace>('cli/commands/up: an existing cluster');
onExisting(test);

test('what was done to how many objects, where the cluster is, and how long the last such run took', async (context) => {
  const { invoke, settings, write, api, folder } = context;
  settings(`manifests: [${folder}/one.yaml]\n`);
  write('one.yaml', configMap('1'));
  const first = await invoke('up', ['--label', 'mine']);
  assert.is(first.code, 0, first.error + first.stderr);
  assert.match(first.stdout, /cluster ext is ready: /);
  assert.match(first.stdout, /^ +changes +1 created$/m);
  assert.match(first.stdout, new RegExp(`^ +address +${api.connection.server}$`, 'm'));
  assert.match(first.stdout, /^ +context +work$/m);
  assert.not.match(first.stdout + first.stderr, 'not Ready');
  assert.not.match(first.stdout, 'previous');
  const again = await invoke('up', []);
  assert.match(again.stdout, /^ +changes +unchanged$/m, again.error);
  write('one.yaml', configMap('2'));
  assert.match((await invoke('up', [])).stdout, /^ +changes +1 configured$/m);
  const runs = readFileSync(join(folder, 'logs/runs.jsonl'), 'utf8').trim().split('\n');
  assert.equal(
    runs.map((line) => (JSON.parse(line) as { label?: string }).label),
    ['mine', undefined, undefined],
  );
  assert.not.match(again.stderr, 'usually', 'nobody watches');
});

test('as JSON the summary is the last line; quiet, there is one line', async ({ invoke, settings, lines }) => {
  settings();
  const json = await invoke('up', ['--output', 'json']);
  const last = lines(json).at(-1) ?? {};
  assert.equal([last['type'], last['bundle'], last['failures']], ['summary', undefined, []]);
  assert.is((last['facts'] as Record<string, string>)['changes'], 'unchanged', 'nothing was to be done');
  assert.is((await invoke('up', ['--quiet'])).stdout.trim().split('\n').length, 1);
});

test('a run that fails says what resumes it, word for word, and keeps a bundle', async (context) => {
  const { invoke, settings, folder } = context;
  settings();
  context.say = ({ path }) =>
    path === '/api/v1/nodes' ? { status: 200, body: { metadata: {}, items: [] } } : undefined;
  const flags = ['--kubeconfig', `${folder}/it's here`, '--yes-this-is', 'work', '--verbose', '--label', 'once'];
  context.write("it's here", readFileSync(join(folder, 'kubeconfig'), 'utf8'));
  const failed = await invoke('up', ['ext', ...flags]);
  assert.is(failed.code, 3, failed.error);

  assert.match(failed.stdout, 'no node is Ready: there is none');
  assert.match(
    failed.stdout.replace(/\n/g, ' '),
    `What was applied is kept: \`hoist up --kubeconfig '${folder}/it'\\''s here' --name ext --yes-this-is work --verbose\` resumes.`,
  );
  assert.ok(existsSync(join(folder, 'logs/failed-ext.tar.gz')));
  const quiet = await invoke('up', ['--quiet']);
  assert.match(quiet.stdout, '`hoist up --quiet`');
});

test.run();
