// The images of a bundle reach every node that lacks one, and a node that does not take them is an error.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError } from '../../../../scripts/base/errors.ts';
import type { StepContext } from '../../../../scripts/engine/step.ts';
import { nodeImagesStep } from '../../../../scripts/providers/k3d/offline/node-step.ts';
import type { PackedImages } from '../../../../scripts/providers/provider.ts';
import { thrown } from '../../../kube/helpers.ts';
import { contextOf, type FakeNode, runOn, withNodes } from '../nodes-engine.ts';

const test = suite('k3d/offline/node-step');

const archive = (...names: string[]): PackedImages => ({
  images: names.map((name) => ({ name, digest: `sha256:${'1'.repeat(64)}` })),
  bytes: 3,
  content: async function* () {
    yield await Promise.resolve(Buffer.from('tar'));
  },
});

/** A node whose containerd has some images, and gets others by each import; it says this of the import. */
function nodeWith(name: string, has: readonly string[], gets: readonly string[], said = '', exitCode = 0): FakeNode {
  const images = new Set(has);
  const run: FakeNode['run'] = (command) => {
    if (command.includes('import')) {
      for (const image of gets) images.add(image);
      return [said, exitCode];
    }
    return command.startsWith('rm') ? ['', 0] : [[...images].join('\n'), 0];
  };
  return { name, run };
}

async function load(nodes: readonly FakeNode[], archives: readonly PackedImages[]): Promise<[string[], string[]]> {
  const { notes, ...context } = contextOf();
  const verbs: string[] = [];
  await withNodes(nodes, async (engine, commands) => {
    const step = nodeImagesStep(runOn(engine), archives, ['create']);
    assert.equal(step.needs, ['create']);
    try {
      await step.run(context as unknown as StepContext);
    } finally {
      for (const command of commands) {
        const verb = /^(\S+) .*\b(import|rm)\b/.exec(command);
        if (verb) verbs.push(`${verb[1] ?? ''} ${verb[2] ?? ''}`);
      }
    }
  });
  return [notes, verbs.sort()];
}

const [a, b] = ['docker.io/library/a:1', 'docker.io/library/b:1'];

test('a node gets only the archives of which it lacks an image; each file is removed again', async () => {
  const nodes = [nodeWith('n0', [a, b], []), nodeWith('n1', [a], [b]), nodeWith('n2', [b], [a])];
  const [notes, verbs] = await load(nodes, [archive(a), archive(b)]);
  assert.equal(notes, ['2 into 2 nodes']);
  assert.equal(verbs, ['n1: import', 'n1: rm', 'n2: import', 'n2: rm']);
});

test('where every node has all of them nothing is sent', async () => {
  assert.equal(await load([nodeWith('n0', [a, b], [])], [archive(a, b)]), [['there'], []]);
});

test('an import that ends badly, or brings less than it should, is an error with the last words of ctr', async () => {
  const failing = await thrown(CreationError, load([nodeWith('n0', [], [a], 'one\nno space\n', 1)], [archive(a)]));
  assert.equal([failing.message, failing.hint], [`${a}: not loaded into n0`, 'ctr said: no space']);
  const short = await thrown(CreationError, load([nodeWith('n0', [], [a], 'fine')], [archive(a, b)]));
  assert.equal([short.message, short.hint], [`${b}: not loaded into n0`, 'ctr said: fine']);
});

test.run();
