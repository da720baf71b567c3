// The error of a wait that took too long: who is late, and why.

import { HealthError } from '../../base/errors.ts';

/** One thing that is not ready, and why. */
export interface Straggler {
  name: string;
  why: string;
}

const shown = 10;

/** Lists the stragglers, one per line; long lists are cut. `time` completes "not ready …": `after 30 s`. */
export function stragglersError(what: string, time: string, late: readonly Straggler[], cause?: unknown): HealthError {
  const lines = late.slice(0, shown).map(({ name, why }) => `  ${name}: ${why}`);
  if (late.length > shown) lines.push(`  and ${late.length - shown} more`);
  return new HealthError(`${what} not ready ${time}:\n${lines.join('\n')}`, { cause });
}
