// What there is of a cluster, as a row among the checks before a run.

import { type Finding, ok, warn } from '../host/preflight/finding.ts';
import type { Situation } from './provider.ts';

export function situationFinding(name: string, situation: Situation): Finding {
  const row = `cluster ${name}`;
  switch (situation.kind) {
    case 'absent':
      return ok(row, 'is not there yet');
    case 'same':
      return ok(row, 'runs, and is what the settings ask for');
    case 'damaged':
      return warn(row, situation.reasons.join(', '), '`hoist up` puts it right.');
    case 'different': {
      const what = situation.differences.map((difference) => difference.what).join(', ');
      return warn(
        row,
        `is not what the settings ask for: ${what}`,
        '`hoist up --recreate` deletes and recreates it, its data included.',
      );
    }
  }
}
