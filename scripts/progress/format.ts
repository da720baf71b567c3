// How far a step is, as people read it.

import { byteScale } from '../base/units.ts';
import type { Progress } from '../engine/step.ts';

/** `12/48 MiB` with one unit for both, `12.5 MiB` without a total, `3/9` for items. */
export function amount({ done, total, unit }: Progress): string {
  if (unit !== 'bytes') return total === undefined ? String(done) : `${done}/${total}`;
  const scale = byteScale(total ?? done);
  const scaled = (bytes: number): string => (scale.divisor === 1 ? String(bytes) : (bytes / scale.divisor).toFixed(1));
  return `${scaled(done)}${total === undefined ? '' : `/${scaled(total)}`} ${scale.unit}`;
}

/** Between 0 and 1; undefined where the total is not known. */
export function fraction({ done, total }: Progress): number | undefined {
  return total === undefined || !(total > 0) ? undefined : Math.min(1, Math.max(0, done / total));
}
