// When a node counts as killed again and again for want of memory.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ContainerDetails } from '../../../../scripts/docker/containers.ts';
import { keepsDying, killedText } from '../../../../scripts/providers/k3d/nodes/memory.ts';

const test = suite('providers/k3d/nodes/memory');

const node = (state: { oom?: boolean; status?: string; upMs?: number }, restarts: number): ContainerDetails =>
  ({
    State: {
      OOMKilled: state.oom ?? true,
      Status: state.status ?? 'running',
      StartedAt: new Date(Date.now() - (state.upMs ?? 0)).toISOString(),
    },
    RestartCount: restarts,
  }) as ContainerDetails;

test('killed and not up again, or started again and not up for long', () => {
  assert.is(keepsDying(node({ status: 'exited' }, 0)), true);
  assert.is(keepsDying(node({ status: 'restarting' }, 3)), true);
  assert.is(keepsDying(node({ upMs: 30_000 }, 1)), true);
});

test('not where it was another cause, where it happened once, or where it has stayed up since', () => {
  assert.is(keepsDying(node({ oom: false, status: 'exited' }, 5)), false);
  assert.is(keepsDying(node({ upMs: 30_000 }, 0)), false, 'the kernel killed a pod in it');
  assert.is(keepsDying(node({ upMs: 120_000 }, 5)), false);
});

test('the text names the limit, or that there is none', () => {
  assert.is(killedText('n', 2 ** 29), 'n was killed for want of memory: its limit is 512 MiB');
  assert.is(killedText('n', 0), "n was killed for want of memory: the engine's machine has none left");
});

test.run();
