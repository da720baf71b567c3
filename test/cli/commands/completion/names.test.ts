// `hoist completion --names`: what it prints of each kind, and that it is silent where something cannot be read.

import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../../../scripts/base/errors.ts';
import type { ClusterPlan } from '../../../../scripts/plan/plan.ts';
import { SnapshotStore } from '../../../../scripts/providers/snapshots/store.ts';
import { runNames } from '../../../../scripts/cli/commands/completion/names.ts';
import type { Io } from '../../../../scripts/cli/command.ts';
import { Place } from './shells.ts';

const names = suite<{ place: Place }>('cli/commands/completion: names');

names.before.each((context) => {
  context.place = new Place();
});
names.after.each(({ place }) => place.close());

async function printed(place: Place, kind: string, ...words: string[]): Promise<string> {
  let text = '';
  const stdout = {
    write(part: string, written: () => void) {
      text += part;
      written();
    },
  };
  const io = { env: place.env, cwd: place.folder, stdout, signal: new AbortController().signal } as unknown as Io;
  assert.is(await runNames(kind, words, io), 0);
  return text;
}

names('clusters, contexts, snapshots, tasks', async ({ place }) => {
  const plan = { name: 'dev', nodes: [], components: {} } as unknown as ClusterPlan;
  const store = new SnapshotStore(join(place.folder, 'state/hoist'));
  // eslint-disable-next-line @typescript-eslint/require-await -- pages come from etcd elsewhere
  const pages = (async function* () {
    yield [];
  })();
  await store.save(
    'clean',
    { cluster: 'dev', provider: 'embedded', kubernetes: '1.36.3', identity: 'me', plan },
    pages,
  );
  assert.is(await printed(place, 'snapshots'), 'clean\tof dev, Kubernetes 1.36.3\n');
  assert.is(await printed(place, 'clusters'), 'dev\tembedded\n');
  assert.is(await printed(place, 'contexts'), 'staging:eu\tc\n');
  const other = place.write('other', 'contexts: [{ name: far, context: { cluster: c, user: u } }]\n');
  assert.is(await printed(place, 'contexts', 'collect', '--kubeconfig', other), 'far\tc\n');
  assert.is(await printed(place, 'tasks', 'run', '--file=other.yaml', ''), 'elsewhere\n');
});

names('names that a terminal would obey are left out, descriptions are one harmless line', async ({ place }) => {
  place.write(
    'tasks.yaml',
    'tasks: [{ name: "a\\e[2Jb", actions: [] }, { name: c, description: "x\\e[2J\\n\\ty", actions: [] }]\n',
  );
  assert.is(await printed(place, 'tasks', 'run', ''), 'c\tx y\n');
});

names('what cannot be read has no names', async ({ place }) => {
  place.write('tasks.yaml', 'tasks: [');
  place.write('kubeconfig', '{');
  for (const kind of ['tasks', 'contexts', 'snapshots']) assert.is(await printed(place, kind), '');
});

names('one entry or file that is not as it should be leaves the others', async ({ place }) => {
  const context = (entry: string): string => `contexts: [{ name: a, context: { cluster: c } }, ${entry}]\n`;
  for (const odd of ['null', '5', '{}', '{ name: 7 }', '{ name: a }', '{ context: {} }', '[x]']) {
    place.write('kubeconfig', context(odd));
    assert.is(await printed(place, 'contexts'), 'a\tc\n', odd);
  }
  for (const value of ['null', '[]', '3', '{ cluster: 5 }', '{ cluster: [x] }']) {
    place.write('kubeconfig', context(`{ name: b, context: ${value} }`));
    assert.is(await printed(place, 'contexts'), 'a\tc\nb\n', value);
  }
  place.write('good', context('{ name: b, context: {} }'));
  place.write('kubeconfig', '{');
  const KUBECONFIG = ['kubeconfig', 'good'].map((name) => join(place.folder, name)).join(delimiter);
  place.env['KUBECONFIG'] = KUBECONFIG;
  assert.is(await printed(place, 'contexts'), 'a\tc\nb\n');
});

names('another kind is refused', async ({ place }) => {
  try {
    await printed(place, 'toString');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UsageError);
  }
});

names('an engine that does not answer keeps nobody waiting, and the other clusters are offered', async ({ place }) => {
  const socket = join(place.folder, 'engine.sock');
  // This process is busy with waiting, so that the connection is taken and never answered.
  const server = createServer();
  await new Promise<void>((done) => server.listen(socket, done));
  place.env['DOCKER_HOST'] = `unix://${socket}`;
  assert.is(place.run('sh', ['-c', 'hoist completion --names clusters']), 'dev\tembedded\n');
  server.close();
});

names.run();
