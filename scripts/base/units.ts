// Numbers with their units, as people read them.

/** `40 ms`, `3.4 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** With three digits, for figures that are compared: `0.4 ms`, `15.2 ms`, `850 ms`, `12.34 s`, `123 s`. */
export function exactDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 0.05) return '0 ms';
  if (size < 999.5) return `${ms.toFixed(size < 99.95 ? 1 : 0)} ms`;
  return `${(ms / 1000).toFixed(size < 99_995 ? 2 : 0)} s`;
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

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `300 B`, `1.5 KiB`, `700 MiB`, `15.6 GiB`. */
export function bytesText(bytes: number): string {
  const { unit, divisor } = byteScale(bytes);
  const scaled = bytes / divisor;
  return `${Number(scaled.toFixed(scaled < 99.95 ? 1 : 0))} ${unit}`;
}

/** The unit in which a size is a small number, and how many bytes it has. */
export function byteScale(bytes: number): { unit: string; divisor: number } {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return { unit: BYTE_UNITS[power] ?? '', divisor: 1024 ** power };
}

/** `1 step`, `2 steps`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
