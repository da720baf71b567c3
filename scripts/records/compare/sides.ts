// Reads the runs that were named into the sides of a comparison.

import { ConfigError } from '../../base/errors.ts';
import { readRuns } from '../read.ts';
import type { Side } from './comparison.ts';
import { selectRuns, type SelectOptions, type Skipped } from './select.ts';

/** What is read where no runs are named: as many of the newest. */
const NEWEST = 'last:1000';

/**
 * Finds and reads the runs of each selector; without one the newest of the log.
 * @throws ConfigError where a selector has no readable run, or both name the same runs
 */
export async function loadSides(
  selectors: readonly string[],
  options: SelectOptions,
): Promise<{ sides: Side[]; skipped: Skipped }> {
  const { selections, skipped } = await selectRuns(selectors.length === 0 ? [NEWEST] : selectors, options);
  const sides: Side[] = [];
  for (const { name, runs, notDone } of selections) {
    const { records, damaged } = await readRuns(runs);
    skipped.damaged += damaged;
    skipped.notDone += notDone;
    if (records.length === 0) throw new ConfigError([{ where: name, message: 'its only record is damaged' }]);
    sides.push({ name, records });
  }
  const [a, b] = sides;
  const ids = new Set(a?.records.map(({ id }) => id));
  const both = b?.records.filter(({ id }) => ids.has(id)).length ?? 0;
  if (a !== undefined && b !== undefined && both > 0) {
    const message = `${both === 1 ? 'one run is' : `${both} runs are`} on both sides`;
    throw new ConfigError([{ where: `${a.name} and ${b.name}`, message }], { hint: 'Name runs that do not overlap.' });
  }
  return { sides, skipped };
}

/** One line for each kind of record that was left out. */
export function skippedNotes({ damaged, newer, notDone }: Skipped): string[] {
  return [
    ...(damaged > 0 ? [`skipped ${damaged} damaged ${damaged === 1 ? 'record' : 'records'}`] : []),
    ...(newer > 0 ? [`skipped ${newer} ${newer === 1 ? 'record' : 'records'} of a newer version of hoist`] : []),
    ...(notDone > 0 ? [`left out ${notDone} ${notDone === 1 ? 'run' : 'runs'} that failed`] : []),
  ];
}
