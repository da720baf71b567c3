// Finds the known name that a mistyped one most likely stands for.

/** `; did you mean "agents"?` for the end of a message, or nothing where no known name is near; flags stand unquoted. */
export function didYouMean(name: string, known: Iterable<string>, prefix = ''): string {
  const guess = nearest(name, known);
  if (guess === undefined) return '';
  const whole = prefix + guess;
  return `; did you mean ${whole.startsWith('-') ? whole : `"${whole}"`}?`;
}

/** The nearest of `known` by Levenshtein distance, or undefined where none is near enough to be a typing error. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // At least one letter must be right.
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)), name.length - 1) + 1;
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? limit;
}
