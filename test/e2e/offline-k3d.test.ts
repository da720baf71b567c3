// An offline bundle of a real k3d cluster: the engine gets its images back, and the nodes theirs, without any registry.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { execInContainer } from '../../scripts/docker/exec-in.ts';
import { findImage, saveImages } from '../../scripts/docker/images.ts';
import { putContainerFile } from '../../scripts/docker/upload.ts';
import { type World, createWorld } from './hoist.ts';
import { NODE_IMAGE, canMake, clustersOf, engine, env, lines, session } from './k3d.ts';

const NAME = 'hoist-offline';
/** Names that nothing else has: they can be taken away. */
const TOOLS = 'hoist.example/tools:offline';
const APP = 'hoist.example/app:offline';
const TOOLS_HERE = 'ghcr.io/k3d-io/k3d-tools:5.9.0';
const clusters = clustersOf(NAME);

const offline = suite<{ world: World }>('k3d: offline bundles', { world: undefined as unknown as World });
const test = canMake && session && (await findImage(session.engine, TOOLS_HERE)) ? offline : offline.skip;

async function tag(image: string, name: string): Promise<void> {
  const [repo, version] = name.split(':');
  await engine().json({ method: 'POST', path: `/images/${image}/tag`, query: { repo, tag: version } });
}
async function untag(name: string): Promise<void> {
  await engine()
    .json({ method: 'DELETE', path: `/images/${name}`, query: { noprune: true } })
    .catch(() => undefined);
}

offline.before((context) => void (context.world = createWorld()));
offline.after(async ({ world }) => {
  if (canMake) {
    await world.hoist(['down', NAME, '--quiet'], env());
    await untag(TOOLS);
    await untag(APP);
  }
  await world.close();
  session?.engine.close();
});

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'one' },
  spec: {
    selector: { matchLabels: { app: 'app' } },
    template: {
      metadata: { labels: { app: 'app' } },
      spec: { containers: [{ name: 'app', image: APP, imagePullPolicy: 'Never' }] },
    },
    // The image is there for its name alone: it is nothing that goes on running.
    replicas: 0,
  },
};

test('what a running cluster holds makes the same one elsewhere', async ({ world }) => {
  const own = { ...env(), K3D_IMAGE_TOOLS: TOOLS };
  await tag(TOOLS_HERE, TOOLS);
  await tag(TOOLS_HERE, APP);
  world.write('config/app.json', JSON.stringify(DEPLOYMENT));
  clusters.configure(world, { agents: 0, manifests: ['app.json'] });

  const early = await world.hoist(['bundle', 'save', 'k.bundle'], own);
  assert.is(early.code, 2, early.stderr);
  assert.match(early.stderr, /no cluster "hoist-offline" runs/);

  const made = await world.hoist(['up', '--output', 'json'], own);
  assert.is(made.code, 0, made.stderr);
  const node = async (): Promise<string> => (await clusters.nodes())[0]?.id ?? '';
  // As a service's image gets there.
  const file = join(world.folder, 'app.tar');
  await saveImages(engine(), [APP], file);
  await putContainerFile(engine(), await node(), { file, folder: '/', name: 'app.tar' });
  const imported = await execInContainer(engine(), await node(), [
    'ctr',
    '-n',
    'k8s.io',
    'images',
    'import',
    '/app.tar',
  ]);
  assert.is(imported.exitCode, 0, imported.output);

  const saved = await world.hoist(['bundle', 'save', 'k.bundle', '--output', 'json'], own);
  assert.is(saved.code, 0, saved.stderr);
  const { images } = lines(saved).find(({ type }) => type === 'bundle.saved') as unknown as { images: string[] };
  for (const name of [NODE_IMAGE, TOOLS, APP]) assert.ok(images.includes(name), name);
  const again = await world.hoist(['bundle', 'save', 'k.bundle'], own);
  assert.match(again.stderr, /2 archives of images unchanged/);

  assert.is((await world.hoist(['down', NAME, '--quiet'], own)).code, 0);
  await untag(TOOLS);
  await untag(APP);
  mkdirSync(join(world.folder, 'away'));
  const home = { ...own, HOME: join(world.folder, 'away'), XDG_CACHE_HOME: join(world.folder, 'away/cache') };
  // The settings beside would make another cluster.
  clusters.configure(world, { name: 'hoist-other' });
  const up = await world.hoist(['up', '--bundle', 'k.bundle', '--output', 'json'], home);
  assert.is(up.code, 0, up.stderr + up.stdout);
  assert.ok(await findImage(engine(), TOOLS), 'the engine has the helper image again');
  const step = lines(up).find(({ type, step: name }) => type === 'step.ended' && name === 'bundle/images');
  assert.ok(step, up.stdout);
  const listed = await execInContainer(engine(), await node(), ['ctr', '-n', 'k8s.io', 'images', 'list', '-q']);
  assert.ok(listed.output.split('\n').includes(APP), listed.output);
  assert.not.ok(await findImage(engine(), APP), 'images of nodes are none of the engine');
});

offline.run();
