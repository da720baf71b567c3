// The step that gives a cluster the content of a snapshot, before anything reads it or while nothing can.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { CreationError } from '../../../base/errors.ts';
import type { Step } from '../../../engine/step.ts';
import { isAlive, stopDaemon } from '../../../host/daemon.ts';
import type { Layout } from '../layout.ts';
import type { EmbeddedRun } from '../run.ts';
import type { ProcessName } from '../state.ts';
import { restoreContent } from './restore.ts';

export const RESTORE_STEP = 'restore';

/** They remember what they saw: started again they see what there is. */
const CONTROLLERS: readonly ProcessName[] = ['kube-controller-manager', 'kube-scheduler', 'kwok'];
/** None of them has data. */
const GRACE_MS = 250;

export function restoreStep(run: EmbeddedRun, snapshot: string): Step {
  return {
    name: RESTORE_STEP,
    needs: ['etcd'],
    async run({ signal, note }) {
      const { state, processes } = run.started;
      const { snapshots } = run.deps;
      const manifest = await snapshots.read(snapshot);
      if (!manifest) throw gone(snapshot, run.plan.name);
      await snapshots.verify(manifest);
      const entries = () => snapshots.entries(manifest);
      const sameKeys = manifest.identity === (await identityOf(run.layout));
      const handles = CONTROLLERS.flatMap((name) => state.processes[name] ?? []);
      await Promise.all(handles.map((handle) => stopDaemon(handle, { graceMs: GRACE_MS })));
      const server = state.processes['kube-apiserver'];
      // A server that is asleep writes nothing; when it wakes it sees one change after the other, as if by other servers.
      const asleep = server !== undefined && (await isAlive(server)) ? server.pid : undefined;
      state.restoring = snapshot;
      await processes.save();
      try {
        if (asleep !== undefined) process.kill(asleep, 'SIGSTOP');
        const { written, removed } = await restoreContent(run.layout.root, entries, { sameKeys, signal });
        note(`${written} objects written, ${removed} removed`);
      } finally {
        if (asleep !== undefined) process.kill(asleep, 'SIGCONT');
      }
      state.restoring = undefined;
      await processes.save();
    },
  };
}

/** Distinguishes clusters by the key that signs their tokens. */
export async function identityOf(layout: Layout): Promise<string> {
  return createHash('sha256')
    .update(await readFile(layout.serviceAccountKey))
    .digest('hex');
}

function gone(snapshot: string, cluster: string): CreationError {
  return new CreationError(`the snapshot "${snapshot}", of which this cluster may have half, does not exist any more`, {
    hint: `Remove the cluster with \`hoist down ${cluster}\`, then make it again.`,
  });
}
