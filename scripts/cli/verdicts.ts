// How the last line of a run names its outcome, where that is about a cluster.

import type { Summary } from '../progress/summary.ts';

export const CLUSTER_VERDICTS: Summary['verdicts'] = { done: 'is ready', failed: 'is not ready' };
