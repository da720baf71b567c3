// Images of services on their way into nodes, against the doubles.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageSource } from '../../../../scripts/plan/image-source.ts';
import { BOOTS, createWorld, type World } from '../world.ts';

const test = suite<{ world: World }>('k3d: images of services');

test.before.each(async (context) => void (context.world = await createWorld()));
test.after.each(({ world }) => world.close());

const source = (service: string, ...images: string[]): ImageSource => ({ service, needs: [], images: () => images });

/** The notes of the steps, or their outcomes where they have none. */
function told(world: World): Record<string, unknown> {
  return Object.fromEntries(
    world.events.flatMap((event) => {
      if (event.type !== 'step-ended' || !event.step.startsWith('images/')) return [];
      const { outcome, notes, reason } = event.record;
      return [[event.step, notes?.at(-1) ?? `${outcome}: ${reason ?? ''}`]];
    }),
  );
}

test('what is missing is pulled once and loaded into every node', async ({ world }) => {
  world.engine.images.add('nginx:1.27');
  await world.up(world.plan(1), undefined, [source('shop', 'nginx:1.27', 'ghcr.io/a/shop:v1'), source('none')]);
  assert.equal(world.engine.pulls, ['ghcr.io/a/shop:v1']);
  assert.equal(told(world), {
    'images/shop': '1 of 2 pulled',
    'images/shop/load': '2 into 2 nodes',
    'images/none': '0 there',
    'images/none/load': 'there',
  });
  for (const name of ['k3d-dev-server-0', 'k3d-dev-agent-0']) {
    const node = world.engine.containers.get(name);
    assert.equal([...(node?.images ?? [])], ['docker.io/library/nginx:1.27', 'ghcr.io/a/shop:v1']);
    assert.is(node?.files?.size, 0, 'the file is gone');
  }
});

test('an image that cannot be had is a warning, and so is one that the import has not brought', async () => {
  const world = await createWorld(BOOTS, { pullErrors: ['manifest unknown'], emptyImports: true });
  try {
    world.engine.images.add('ghcr.io/a/there:v1');
    await world.up(world.plan(0), undefined, [
      source('lost', 'ghcr.io/a/lost:v1'),
      source('void', 'ghcr.io/a/there:v1'),
    ]);
    const { 'images/lost': lost, 'images/lost/load': load, 'images/void/load': empty } = told(world);
    assert.match(String(lost), /^warned: .*manifest unknown/);
    assert.match(String(load), /^skipped/);
    assert.match(String(empty), /^warned: ghcr\.io\/a\/there:v1: not loaded into k3d-dev-server-0/);
  } finally {
    await world.close();
  }
});

test('a cluster that is there gets none: its nodes pull what is new', async ({ world }) => {
  await world.up(world.plan(0));
  world.events.length = 0;
  await world.up(world.plan(0), undefined, [source('shop', 'ghcr.io/a/shop:v1')]);
  assert.equal(told(world), {});
});

test('nothing of it happens where it is switched off', async ({ world }) => {
  await world.up(world.plan(0, { loadImages: false }), undefined, [source('shop', 'ghcr.io/a/shop:v1')]);
  assert.equal(world.engine.pulls, []);
});

test.run();
