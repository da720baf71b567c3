// What goes along with one line of control, and from one turn of a loop to the next.

import type { Variables } from '../variables/variables.ts';

/** A loop's item: a text, or a name for each axis of a matrix. */
export type Item = string | ReadonlyMap<string, string>;

/** One line of control: actions in order; parallel branches each have their own. */
export interface Flow {
  variables: Variables;
  signal: AbortSignal;
  /** The step that ended last before what comes next, for the critical path. */
  last?: string | undefined;
  /** When that was. */
  lastMs?: number | undefined;
}
