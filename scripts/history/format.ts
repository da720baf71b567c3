// How the benchmark log and its readers write times and sizes.

/** `850 ms`, `12.34 s`, `2 min 03 s`. */
export function duration(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 0.5) return '0 ms';
  if (size < 999.5) return `${sign}${size < 9.95 ? size.toFixed(1) : size.toFixed(0)} ms`;
  if (size < 99_995) return `${sign}${(size / 1000).toFixed(2)} s`;
  const seconds = Math.round(size / 1000);
  return `${sign}${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `512 MiB`, `23.5 GiB`. */
export function bytes(size: number): string {
  const gib = size / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${(size / 2 ** 20).toFixed(0)} MiB`;
}

/** Fills up with spaces on the right, and keeps one even where the text is too long. */
export function pad(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text} `;
}
