// Runs an `apply`: manifests through hoist's own client, each object after what it needs, then readiness by watching.

import { resolve } from 'node:path';
import { apply } from '../../../kube/apply/apply.ts';
import { connect } from '../../../kube/client/client.ts';
import { kubeconfigPaths } from '../../../kube/kubeconfig/kubeconfig.ts';
import { readConnection } from '../../../kube/kubeconfig/read.ts';
import { loadManifests } from '../../../kube/manifests/manifests.ts';
import { waitWorkloads } from '../../../kube/watch/wait-workloads.ts';
import type { Apply } from '../../file/model.ts';
import { withAttempts } from '../attempts.ts';
import { Scene, labelOf } from '../render.ts';
import { endBadly } from '../step.ts';
import type { Doing } from '../runtime.ts';

const DEFAULT_MS = 300_000;

/** @throws ActionError, CancelledError; HoistError for manifests that cannot be read */
export async function runApply(work: Apply, doing: Doing): Promise<void> {
  const { action, frame, flow, runtime } = doing;
  const scene = new Scene(runtime, frame, flow.variables);
  const folder = action.dir === undefined ? runtime.cwd : resolve(runtime.cwd, scene.text(action.dir));
  const manifests = await loadManifests(work.files.map((file) => resolve(folder, scene.text(file))));
  const env = scene.environment([]);
  const namespace = work.namespace === undefined ? undefined : scene.text(work.namespace);
  flow.signal.throwIfAborted();
  const entry = runtime.ledger.begin(`${frame.task.name}: ${labelOf(action, scene)}`, flow.last);
  const timeoutMs = action.timeoutMs ?? DEFAULT_MS;
  try {
    await withAttempts({ action, entry, signal: flow.signal, defaultTimeoutMs: DEFAULT_MS }, async (signal) => {
      const target = await readConnection({ paths: kubeconfigPaths(env, undefined), exec: runtime.exec });
      const client = connect(target.connection);
      try {
        const placed = namespace ?? target.namespace ?? 'default';
        const results = await apply(client, manifests, { namespace: placed, signal });
        const counts = new Map<string, number>();
        for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
        entry.note([...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', '));
        if (!work.wait) return;
        const refs = results.map(({ manifest: { object } }) => ({
          apiVersion: object.apiVersion,
          kind: object.kind,
          namespace: object.metadata.namespace ?? placed,
          name: object.metadata.name,
        }));
        await waitWorkloads(client, refs, { timeoutMs, signal });
      } finally {
        client.close();
      }
    });
    entry.end('done');
    Object.assign(flow, { last: entry.name, lastMs: performance.now() });
  } catch (error) {
    throw endBadly(error, { action, frame, flow, entry, runtime });
  }
}
