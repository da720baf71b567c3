// How snapshots are shown: the line of a saved one, and the table.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listLines, nextStep, savedLine } from '../../../../scripts/cli/commands/snapshot/view.ts';

const test = suite('cli/commands/snapshot/view');

const snapshot = (more: object = {}): never =>
  ({
    name: 'base',
    cluster: 'dev',
    kubernetes: 'v1.34.2',
    content: { keys: 120, bytes: 2048 },
    createdAt: '2026-01-02T03:04:05Z',
    ...more,
  }) as never;

test('what was saved, of objects or of archives', () => {
  const of = (more: object): string => savedLine({ snapshot: snapshot(more), durationMs: 1500 });
  assert.match(of({}), /^saved snapshot "base" of cluster "dev": 120 objects, 2(\.0)? KiB, in 1\.5 s$/);
  assert.match(of({ archives: [] }), '120 archives');
});

test('a table as wide as its cells, with ages that are never below zero', () => {
  const rows = listLines(
    [snapshot(), snapshot({ name: 'a-longer-name', archives: [] })],
    new Date('2026-01-02T03:05:05Z'),
  );
  assert.match(rows[0] ?? '', /^snapshot {7}cluster {2}kubernetes {2}objects {2}size +age$/);
  assert.match(rows[1] ?? '', /^base {11}dev {6}v1\.34\.2 {5}120 {6}2(\.0)? KiB +(?:1 min|60 s)/);
  assert.match(rows[2] ?? '', /^a-longer-name {2}dev {6}v1\.34\.2 {5}- /);
  const early = listLines([snapshot()], new Date('2026-01-01T00:00:00Z'));
  assert.match(early[1] ?? '', /  0 ms$/);
});

test('a restore that failed after its content was written is started, not written again', () => {
  const after = (outcome: string): string =>
    nextStep(
      {
        steps: [
          { name: 'restore', outcome },
          { name: 'dns', outcome: 'failed' },
        ] as never,
      },
      'clean',
      'dev',
    );
  assert.match(after('done'), 'It has all of the snapshot, but is not ready: `hoist start dev`');
  assert.match(after('cancelled'), 'half of the snapshot: `hoist snapshot restore clean --name dev`');
});

test.run();
