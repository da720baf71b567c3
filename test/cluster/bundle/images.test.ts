// The images of a bundle: those for the engine are given to it where it lacks them, and only after they were checked.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imagesOf } from '../../../scripts/cluster/bundle/images.ts';
import type { BundleReader } from '../../../scripts/offline/reader.ts';
import type { OfflineImages, PackedImages } from '../../../scripts/providers/provider.ts';

const test = suite('cluster/bundle/images');

const packed = (into: 'engine' | 'nodes', ...names: string[]) => ({
  into,
  images: names.map((name) => ({ name, digest: 'd' })),
  files: names.map((name) => ({ path: name, sha256: `sum-${name}`, bytes: 3 })),
});
const names = ({ images }: PackedImages): string => images.map(({ name }) => name).join('+');

async function load(images: object[], has: readonly string[]): Promise<{ nodes: string[]; events: string[] }> {
  const events: string[] = [];
  const verify = (digests: string[]): Promise<void> => Promise.resolve(void events.push(`verify ${digests.join(' ')}`));
  const found = imagesOf({ manifest: { images }, verify } as unknown as BundleReader);
  const provider = {
    has: (one: PackedImages) => Promise.resolve(has.includes(names(one))),
    load: (one: PackedImages) => Promise.resolve(void events.push(`load ${names(one)}`)),
  } as unknown as OfflineImages;
  await found.load(provider, { signal: new AbortController().signal, say: (line) => void events.push(line) });
  return { nodes: found.forNodes.map(names), events };
}

test('what the engine lacks is checked together with what nodes will get, and only then given', async () => {
  const images = [packed('engine', 'a'), packed('nodes', 'n'), packed('engine', 'b', 'c'), packed('engine', 'd')];
  const { nodes, events } = await load(images, ['d']);
  assert.equal(nodes, ['n']);
  assert.equal(events, [
    'verify sum-a sum-b sum-c sum-n',
    '1 image of the bundle goes into the engine',
    'load a',
    '2 images of the bundle go into the engine',
    'load b+c',
  ]);
});

test('an engine that has all of them gets nothing', async () => {
  assert.equal(await load([packed('engine', 'a')], ['a']), { nodes: [], events: ['verify '] });
});

test.run();
