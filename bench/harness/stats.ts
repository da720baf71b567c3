// The few statistics that benches need.

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return (low + high) / 2;
}

/** Three decimals: what is printed is also what is compared with the target. */
export function roundRatio(value: number): number {
  return Math.round(value * 1000) / 1000;
}
