// What is kept of bundles and preflights in the benchmark log, and what a person is told once and not twice.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type World, createWorld } from '../../../world.ts';

const history = suite<{ world: World }>('collect: history', { world: undefined as unknown as World });

history.before.each((context) => {
  context.world = createWorld('collect-history');
});
history.after.each(({ world }) => world.close());

const SPEC = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: b}
spec:
  hostCollectors: [{cpu: {}}, {run: {collectorName: r, command: echo, args: ["token=hunter22-planted"]}}]
`;

history(
  'a bundle is recorded where there is a log, and --dry-run says how long it usually takes',
  async ({ world }) => {
    world.write('b.yaml', SPEC);
    const before = await world.hoist(['collect', 'b.yaml', '--archive', 'a.tar.gz', '--quiet']);
    assert.is(before.code, 0, before.stderr);
    assert.not.ok(existsSync(join(world.folder, 'logs')), 'nobody asked for a log');
    assert.not.match((await world.hoist(['collect', 'b.yaml', '--dry-run'])).stdout, 'usually');
    const env = { DEPLOY_LOG_DIR: 'kept' };
    for (let i = 0; i < 2; i++) {
      const { code } = await world.hoist(['collect', 'b.yaml', '--archive', 'a.tar.gz', '--quiet'], env);
      assert.is(code, 0);
    }
    const lines = world.read('kept/runs.jsonl').trim().split('\n');
    const record = JSON.parse(lines[1] ?? '') as { tool: string; outcome: string; run: { steps: { name: string }[] } };
    assert.equal([lines.length, record.tool, record.outcome], [2, 'collect', 'done']);
    assert.ok(record.run.steps.some(({ name }) => name === 'host/cpu'));
    assert.not.match(lines.join(), 'hunter22-planted');
    assert.match((await world.hoist(['collect', 'b.yaml', '--dry-run'], env)).stdout, /usually .*, of 2 runs/);
    const json = (await world.hoist(['collect', 'b.yaml', '--dry-run', '--output', 'json'], env)).stdout;
    assert.ok((JSON.parse(json) as { usualMs: number }).usualMs > 0);
    // Another spec is another run.
    world.write('b.yaml', SPEC.replace('cpu', 'memory'));
    assert.not.match((await world.hoist(['collect', 'b.yaml', '--dry-run'], env)).stdout, 'usually');
  },
);

history('a kind that nobody knows is named once, with the nearest one', async ({ world }) => {
  world.write('b.yaml', SPEC.replace('{cpu: {}}', '{cpuu: {}}, {networkNamespaceConnectivity: {}}'));
  const { stdout, stderr } = await world.hoist(['collect', 'b.yaml', '--archive', 'a.tar.gz']);
  assert.match(stderr, 'did you mean "cpu"?');
  assert.not.match(stdout, 'cpuu');
  assert.match(stdout, 'hoist does not support "networkNamespaceConnectivity"');
});

history.run();
