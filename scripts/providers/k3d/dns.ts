// Whether the cluster's DNS answers: a ready endpoint, and then a real question asked inside the server node.

import { setTimeout as sleep } from 'node:timers/promises';
import type { StepContext } from '../../engine/step.ts';
import { HealthError } from '../../errors.ts';
import type { Engine } from '../../host/docker/engine.ts';
import { execInContainer } from '../../host/docker/exec-in.ts';
import type { KubeClient } from '../../kube/client.ts';
import { waitEndpoints } from '../../kube/wait.ts';

const QUESTION = 'kubernetes.default.svc.cluster.local';
/** The shell's codes for a command that cannot be run or is not there. */
const NO_TOOL = [126, 127];
const RETRY_MS = 100;

/** @throws HealthError where no pod stands behind the service in time, or the answer is wrong until then. */
export async function waitDns(
  engine: Engine,
  client: KubeClient,
  server: string,
  timeoutMs: number,
  { signal, note }: Pick<StepContext, 'signal' | 'note'>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const service = { namespace: 'kube-system', name: 'kube-dns' };
  await waitEndpoints(client, service, { timeoutMs, signal });
  const { spec } = await client.json<{ spec: { clusterIP: string } }>({
    path: '/api/v1/namespaces/kube-system/services/kube-dns',
    signal,
  });
  for (;;) {
    const { exitCode, output } = await execInContainer(engine, server, ['nslookup', QUESTION, spec.clusterIP], signal);
    if (exitCode === 0) return;
    if (NO_TOOL.includes(exitCode) || output.includes('executable file not found')) {
      note('the node has no nslookup: a ready endpoint has to do');
      return;
    }
    if (Date.now() > deadline) {
      throw new HealthError(`the cluster's DNS does not answer: ${output.trim().split('\n').at(-1) ?? ''}`, {
        hint: 'See `kubectl -n kube-system logs deployment/coredns`.',
      });
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}
