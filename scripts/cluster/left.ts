// What a run that failed has left of its cluster: asked, not guessed.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterContext } from '../context.ts';
import type { Prepared } from './prepare-cluster.ts';

/** ms that the provider may take to answer; an engine that has died may never answer. */
const ASK_MS = 3_000;

/** `unknown` where the provider does not know. */
export type Left = 'cluster' | 'nothing' | 'unknown';

export async function leftOf(
  { plan: { cluster } }: Pick<Prepared, 'plan'>,
  wiring: Pick<ClusterContext, 'provider'>,
): Promise<Left> {
  const ask = async (): Promise<Left> => {
    const provider = await wiring.provider(cluster.provider);
    const situation = await (await provider.prepare(cluster)).inspect();
    return situation.kind === 'absent' ? 'nothing' : 'cluster';
  };
  const late = sleep(ASK_MS, 'unknown' as const, { ref: false });
  return Promise.race([ask().catch(() => 'unknown' as const), late]);
}
