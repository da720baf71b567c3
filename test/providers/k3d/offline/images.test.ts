// Which images a bundle takes from the engine and from nodes, and what says that they arrived.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CreationError, UsageError } from '../../../../scripts/base/errors.ts';
import { exec } from '../../../../scripts/host/execa.ts';
import {
  engineHas,
  giveEngine,
  imageArchives,
  nodeArchives,
} from '../../../../scripts/providers/k3d/offline/images.ts';
import { nodesOf } from '../../../../scripts/providers/k3d/nodes/labels.ts';
import type { K3dRun } from '../../../../scripts/providers/k3d/run.ts';
import type { ToolOptions } from '../../../../scripts/tools/options.ts';
import { PINS } from '../../../../scripts/tools/pins.ts';
import { thrown } from '../../../kube/helpers.ts';
import { type FakeNode, runOn, withNodes } from '../nodes-engine.ts';

const test = suite('k3d/offline/images');
const { signal } = new AbortController();
const digest = (char: string): string => `sha256:${char.repeat(64)}`;
const listed = (...images: [name: string, digest: string][]): NonNullable<FakeNode['run']> => {
  const rows = images.map(([name, sum]) => `${name} application/x ${sum} 1 MiB linux/amd64`);
  return (command) => (command.endsWith('list') ? [['REF TYPE DIGEST SIZE', ...rows].join('\n'), 0] : ['tar', 0]);
};

test('each image comes once, from the first node that has it, servers first; second names and headings are none', () =>
  withNodes(
    [
      { name: 'k3d-dev-agent-0', role: 'agent', run: listed(['a', digest('1')], ['b', digest('2')]) },
      { name: 'k3d-dev-agent-1', role: 'agent', run: listed(['a', digest('1')]) },
      {
        name: 'k3d-dev-server-0',
        run: listed(['a', digest('1')], [digest('3'), digest('3')], ['short', 'sha256:1'], ['c', digest('4')]),
      },
    ],
    async (engine) => {
      const archives = await nodeArchives(engine, await nodesOf(engine, 'dev'), signal);
      const shown = archives.map(({ node, into, images }) => [node, into, ...images.map(({ name }) => name)]);
      // Of the agents the last one is asked first; it has nothing that the server lacks.
      assert.equal(shown, [
        ['k3d-dev-server-0', 'nodes', 'a', 'c'],
        ['k3d-dev-agent-0', 'nodes', 'b'],
      ]);
      assert.equal(archives[0]?.images[0], { name: 'a', digest: digest('1') });
      let text = '';
      for await (const chunk of archives[0]?.content(signal) ?? []) text += chunk.toString();
      assert.is(text, 'tar');
    },
  ));

test('a containerd that does not answer is an error with its words', () =>
  withNodes([{ name: 'n0', run: () => ['cannot connect\n', 1] }], async (engine) => {
    const error = await thrown(CreationError, nodeArchives(engine, await nodesOf(engine, 'dev'), signal));
    assert.is(error.message, 'containerd of n0 does not answer: cannot connect');
  }));

const packed = {
  images: [
    { name: 'one', digest: digest('1') },
    { name: 'two', digest: digest('2') },
  ],
  bytes: 3,
  content: async function* () {
    yield await Promise.resolve(Buffer.from('tar'));
  },
};
const image = (sum: string): object => ({ Id: sum, Os: 'linux', Architecture: 'amd64', Size: 1 });

test('the engine has an archive where it has all of its images, with these digests', async () => {
  const table: [Record<string, object>, boolean][] = [
    [{ one: image(digest('1')), two: image(digest('2')) }, true],
    [{ one: image(digest('1')), two: image(digest('9')) }, false],
    [{ one: image(digest('1')) }, false],
  ];
  for (const [images, has] of table) {
    const paths = Object.entries(images).map(([name, body]) => [`/images/${name}/json`, body]);
    await withNodes(
      [],
      async (engine) => {
        assert.is(await engineHas(engine, packed, signal), has);
        const given = giveEngine(engine, packed, signal);
        if (Object.keys(images).length === 2) return given;
        const { message } = await thrown(CreationError, given);
        assert.is(message, 'the engine has taken the archive, but not two');
      },
      { '/images/load': { stream: 'Loaded' }, ...(Object.fromEntries(paths) as Record<string, object>) },
    );
  }
});

test('a bundle needs a cluster that runs, and an engine with the images that it is made from, caches aside', async () => {
  const plan = { image: 'k3s', topology: { servers: 1, agents: 0, loadBalancer: false } };
  const tools = { env: { XDG_CACHE_HOME: '/none', XDG_STATE_HOME: '/none' }, exec } satisfies ToolOptions;
  const TOOLS = `ghcr.io/k3d-io/k3d-tools:${PINS.k3d.version}`;
  const save = async (state: string, has: readonly string[]): Promise<string[]> => {
    const images = Object.fromEntries(has.map((name) => [`/images/${name}/json`, image(digest('5'))]));
    const shown: string[] = [];
    await withNodes(
      [{ name: 'n0', state, run: listed(['a', digest('1')]) }],
      async (engine) => {
        const run = { ...runOn(engine, plan), caches: [{}] } as unknown as K3dRun;
        const archives = await imageArchives(run, tools, signal);
        for (const { into, images: packs } of archives)
          shown.push(`${into}: ${packs.map((one) => `${one.name} ${one.digest.slice(0, 8)}`).join(', ')}`);
        let content = '';
        for await (const chunk of archives[0]?.content(signal) ?? []) content += chunk.toString();
        shown.push(content);
      },
      { ...images, '/images/get': Buffer.from('both') },
    );
    return shown;
  };
  const refused = async (state: string, has: readonly string[]): Promise<string> =>
    (await thrown(UsageError, save(state, has))).message;
  assert.equal(await save('running', ['k3s', TOOLS]), [
    `engine: k3s sha256:5, ${TOOLS} sha256:5`,
    'nodes: a sha256:1',
    'both',
  ]);
  assert.match(await refused('exited', ['k3s', TOOLS]), 'no cluster "dev" runs');
  assert.match(await refused('exited', []), 'no cluster "dev" runs');
  assert.is(await refused('running', ['k3s']), `the engine does not have ${TOOLS}`);
});

test.run();
