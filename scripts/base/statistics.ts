// Robust figures of a few noisy measurements: median, MAD and a bootstrap interval of the medians' difference.

/** What is known of one side of a comparison, in ms. */
export interface Statistics {
  n: number;
  median: number;
  /** Median absolute deviation from the median. */
  mad: number;
  min: number;
  max: number;
}

/** An interval that holds the true value with the asked confidence. */
export interface Interval {
  low: number;
  high: number;
}

export interface BootstrapOptions {
  /** Between 0 and 1. */
  confidence: number;
  random: () => number;
  /** Fewer are drawn of large samples, whose medians are smooth; defaults to 4,000. */
  resamples?: number;
}

/** @throws RangeError for no values at all */
export function summarize(values: readonly number[]): Statistics {
  const sorted = Float64Array.from(values).sort();
  const center = median(sorted);
  const deviations = sorted.map((value) => Math.abs(value - center)).sort();
  return { n: sorted.length, median: center, mad: median(deviations), min: at(sorted, 0), max: at(sorted, -1) };
}

/**
 * Intervals by the percentile bootstrap of `median(b) - median(a)` and of `median(b) / median(a) - 1`.
 * Where a median of 0 is drawn the ratio counts as unlimited.
 */
export function bootstrap(
  a: readonly number[],
  b: readonly number[],
  options: BootstrapOptions,
): { difference: Interval; ratio: Interval } {
  const { confidence, random, resamples = 4000 } = options;
  const rounds = Math.max(500, Math.min(resamples, Math.ceil(400_000 / Math.max(a.length, b.length))));
  const drawA = medianOfResample(a, random);
  const drawB = medianOfResample(b, random);
  const differences = new Float64Array(rounds);
  const ratios = new Float64Array(rounds);
  for (let i = 0; i < rounds; i++) {
    const [one, other] = [drawA(), drawB()];
    differences[i] = other - one;
    ratios[i] = one > 0 ? other / one - 1 : other > 0 ? Infinity : 0;
  }
  return { difference: interval(differences, confidence), ratio: interval(ratios, confidence) };
}

/** The median of sorted values. */
function median(sorted: Float64Array): number {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}

/** Draws medians of resamples: counting how often each rank was drawn spares sorting each resample. */
function medianOfResample(values: readonly number[], random: () => number): () => number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const counts = new Uint32Array(n);
  const upper = Math.floor(n / 2);
  const lower = n % 2 === 1 ? upper : upper - 1;
  return () => {
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      const drawn = Math.floor(random() * n);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    let rank = 0;
    let seen = counts[0] ?? 0;
    while (seen <= lower) seen += counts[++rank] ?? 0;
    const low = at(sorted, rank);
    while (seen <= upper) seen += counts[++rank] ?? 0;
    return (low + at(sorted, rank)) / 2;
  };
}

function interval(values: Float64Array, confidence: number): Interval {
  values.sort();
  const cut = Math.floor((values.length * (1 - confidence)) / 2);
  return { low: at(values, cut), high: at(values, -1 - cut) };
}

function at(values: Float64Array, index: number): number {
  const value = values.at(index);
  if (value === undefined) throw new RangeError('no values');
  return value;
}
