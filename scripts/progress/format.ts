// Numbers as people read them: durations, sizes and how far a step is.

import type { Progress } from '../engine/step.ts';

/** `40 ms`, `3.4 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Elapsed time of what still runs, in seven cells: `0.4 s`, `59.9 s`, `2:05`, `1:02:05`, `10:02 h`. */
export function elapsed(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (n: number): string => String(n % 60).padStart(2, '0');
  if (hours === 0) return `${minutes}:${two(seconds)}`;
  return hours < 10 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${hours}:${two(minutes)} h`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `12/48 MiB` with one unit for both, `12.5 MiB` without a total, `3/9` for items. */
export function amount({ done, total, unit }: Progress): string {
  if (unit !== 'bytes') return total === undefined ? String(done) : `${done}/${total}`;
  const scale = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, total ?? done)) / 10));
  const scaled = (bytes: number): string => (scale === 0 ? String(bytes) : (bytes / 1024 ** scale).toFixed(1));
  return `${scaled(done)}${total === undefined ? '' : `/${scaled(total)}`} ${units[scale] ?? ''}`;
}

/** Between 0 and 1; undefined where the total is not known. */
export function fraction({ done, total }: Progress): number | undefined {
  return total === undefined || !(total > 0) ? undefined : Math.min(1, Math.max(0, done / total));
}

/** `1 step`, `2 steps`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
