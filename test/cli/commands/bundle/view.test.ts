// What `bundle verify` shows: all that would be run, and nothing that looks like another line.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shownAsJson, verifiedLines } from '../../../../scripts/cli/commands/bundle/view.ts';
import { parseBundleManifest } from '../../../../scripts/offline/manifest.ts';

const test = suite('cli/bundle: view');

const part = { sha256: 'a'.repeat(64), bytes: 1 };
const whole = {
  kind: 'hoist-offline-bundle',
  format: 1,
  hoist: '0.1.0',
  createdAt: '2026-11-26T00:00:00.000Z',
  platform: { os: 'linux', arch: 'amd64' },
  provider: 'embedded',
  cluster: 'dev',
  kubernetes: '1.36.3',
  settings: { tree: {}, paths: [] },
  tools: [{ name: 'etcd', version: '3.6.8', ...part }],
  files: [],
  images: [],
};
const parse = (change: object): ReturnType<typeof parseBundleManifest> =>
  parseBundleManifest(JSON.stringify({ ...whole, ...change }), 'dev.bundle');
const shown = (
  change: object,
): { file: string; digest: string; bytes: number } & { manifest: ReturnType<typeof parse> } => ({
  file: 'dev.bundle',
  digest: 'd',
  bytes: 1,
  manifest: parse(change),
});

test('hooks and own steps are named, with every character that a terminal would hide', () => {
  const change = {
    settings: { tree: { hooks: { before: ['touch /tmp/x\u202e'] }, steps: 'steps' }, paths: [['steps']] },
    files: [{ path: 'steps/first.ts', ...part }],
  };
  const lines = verifiedLines(shown(change));
  assert.ok(lines.includes(String.raw`  runs       hook before: ["touch /tmp/x\u{202e}"]`), lines.join('\n'));
  assert.ok(lines.includes('  runs       own step steps/first.ts'));
  assert.is((shownAsJson(shown(change)) as { runs: string[] }).runs.length, 2);
  assert.not.match(verifiedLines(shown({})).join('\n'), 'runs');
});

test('no text of a manifest makes a line of its own, and no name leaves its folder', () => {
  const tool = { ...whole.tools[0] };
  const bad: object[] = [
    { hoist: '0.1.0\nsha256:forged' },
    { kubernetes: '1\u2028x' },
    { createdAt: '\u001b[2K' },
    { cluster: '../../x' },
    { cluster: 'a\nb' },
    { tools: [{ ...tool, name: '../../evil' }] },
    { tools: [{ ...tool, name: '__proto__' }] },
    { tools: [{ ...tool, version: '../../../../tmp/x' }] },
    { tools: [{ ...tool, version: '3\n' }] },
  ];
  for (const change of bad) assert.throws(() => parse(change), /its manifest is wrong/, JSON.stringify(change));
  parse({});
});

test.run();
