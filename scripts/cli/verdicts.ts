// How the last line of a run names its outcome, where that is about a cluster.

import type { RunSummary } from '../progress/summary.ts';

export const CLUSTER_VERDICTS: RunSummary['verdicts'] = { done: 'is ready', failed: 'is not ready' };
