// How far a step is, as people read it.

import { byteScale } from '../base/units.ts';
import type { Progress } from '../engine/step.ts';

/**
 * `12/48 MiB` with one unit for both, `12.5 MiB` without a total, `3/9` for items, `3/9 packages` for what has a name; what is
 * waited for, with how far that is.
 */
export function amount(progress: Progress): string {
  const { waitsFor, leftMs, total } = progress;
  if (waitsFor === undefined) return amountOf(progress);
  const known = total === undefined ? [] : [amountOf(progress), ...(leftMs === undefined ? [] : [left(progress)])];
  return [`waiting for ${waitsFor}`, known.join(', ')].filter((part) => part !== '').join(': ');
}

function amountOf({ done, total, unit }: Progress): string {
  if (unit !== 'bytes') {
    // A number alone says nothing; of how many does.
    if (total === undefined) return `${done} ${unit ?? 'done'}`;
    return unit === undefined || unit === 'items' ? `${done}/${total}` : `${done}/${total} ${unit}`;
  }
  const scale = byteScale(total ?? done);
  const scaled = (bytes: number): string => (scale.divisor === 1 ? String(bytes) : (bytes / scale.divisor).toFixed(1));
  return `${scaled(done)}${total === undefined ? '' : `/${scaled(total)}`} ${scale.unit}`;
}

/** `about 4 min left`, `about 20 s left`: no more exact than such a guess can be; empty where there is none. */
export function left({ leftMs }: Progress): string {
  if (leftMs === undefined) return '';
  const seconds = leftMs / 1000;
  if (seconds < 55) return `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `about ${minutes} min left` : `about ${(minutes / 60).toFixed(1)} h left`;
}

/** Between 0 and 1; undefined where the total is not known. */
export function fraction({ done, total }: Progress): number | undefined {
  return total === undefined || !(total > 0) ? undefined : Math.min(1, Math.max(0, done / total));
}
