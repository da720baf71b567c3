// How the benchmark log and its readers write shares and columns.

/** Fills up with spaces on the right, and keeps one even where the text is too long. */
export function pad(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text} `;
}

/** `+3.2 %`, `-12 %`, `×3.4` from a doubling on. */
export function percent(share: number): string {
  if (share >= 1) return Number.isFinite(share) ? `×${(share + 1).toFixed(share < 9 ? 1 : 0)}` : '×∞';
  const size = Math.abs(share * 100);
  if (size < 0.05) return '0.0 %';
  return `${share < 0 ? '-' : '+'}${size.toFixed(size < 9.95 ? 1 : 0)} %`;
}

/** `-4.9…+2.3 %`. */
export function percentRange({ low, high }: { low: number; high: number }): string {
  const [from, to] = [percent(low), percent(high)];
  return `${to.endsWith(' %') ? from.replace(/ %$/, '') : from}…${to}`;
}
