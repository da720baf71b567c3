// A cluster's status for people.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { age, statusLines } from '../../../../scripts/cli/commands/status/view.ts';
import { styleFor } from '../../../../scripts/progress/style.ts';

const status = suite('cli: status');

status('ages are written as kubectl does', () => {
  const table: [number, string][] = [
    [-5, '0s'],
    [59_999, '59s'],
    [252_000, '4m12s'],
    [3 * 3_600_000 + 5 * 60_000, '3h05m'],
    [2 * 86_400_000 + 4 * 3_600_000, '2d04h'],
  ];
  for (const [ms, text] of table) assert.is(age(ms), text);
});

status('what a server says stays on its line and moves nothing', () => {
  const evil = 'x\u001b]52;c;aGk=\u0007\u001b[2J\r\n  nodes\n    ✓ fake\u202e\u009b1A';
  const lines = statusLines(
    {
      name: 'dev',
      provider: 'existing',
      state: 'degraded',
      server: evil,
      context: evil,
      createdAt: '2026-01-01T00:00:00Z',
      location: evil,
      ports: {},
      components: [{ name: evil, ok: false, detail: evil }],
      nodes: [{ name: evil, role: evil, ready: false, why: evil }],
    },
    evil,
    styleFor({ colour: false, unicode: true }),
    new Date('2026-01-01T01:00:00Z'),
  );
  assert.is(lines.length, 10);
  assert.not.match(lines.join('\n'), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\n {4}✓ fake/);
});

status('a degraded cluster names what is wrong', () => {
  const lines = statusLines(
    {
      name: 'dev',
      provider: 'embedded',
      state: 'degraded',
      server: 'https://127.0.0.1:1',
      context: 'hoist-dev',
      createdAt: '2026-01-01T00:00:00Z',
      location: '/state/dev',
      ports: { apiserver: 1, controllerManager: 2 },
      components: [
        { name: 'kube-apiserver', ok: true, detail: 'running', pid: 7, ageMs: 61_000 },
        { name: 'kube-controller-manager', ok: false, detail: 'ended: panic' },
      ],
      nodes: [{ name: 'n', role: 'agent', ready: false, why: 'KubeletNotReady' }],
    },
    undefined,
    styleFor({ colour: false, unicode: true }),
    new Date('2026-01-01T01:00:00Z'),
  );
  assert.equal(lines, [
    'dev  degraded  embedded',
    '  address     https://127.0.0.1:1',
    '  context     hoist-dev',
    '  age         1h00m',
    '  location    /state/dev',
    '  last run    -',
    '  components',
    '    ✓ kube-apiserver           running, pid 7, port 1, 1m01s',
    '    ✗ kube-controller-manager  ended: panic, port 2',
    '  nodes',
    '    ✗ n                        agent, KubeletNotReady',
  ]);
});

status('a cluster without components or nodes has no headings for them', () => {
  const stopped = { state: 'stopped', server: undefined, components: [], nodes: [], ports: {} } as const;
  const about = { name: 'dev', provider: 'embedded', context: 'hoist-dev', location: '/state/dev' } as const;
  const lines = statusLines(
    { ...about, ...stopped, createdAt: '2026-01-01T00:00:00Z' },
    undefined,
    styleFor({ colour: false, unicode: true }),
    new Date('2026-01-01T01:00:00Z'),
  );
  assert.is(lines.at(-1), '  last run    -');
});

status.run();
