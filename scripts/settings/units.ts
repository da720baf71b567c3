// Sizes and durations as people write them.

const POWERS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  m: 1e6,
  M: 1e6,
  g: 1e9,
  G: 1e9,
  t: 1e12,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of `1.5G`, `1536Mi`, `512M`, `2GiB` or `1073741824`; undefined where it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kKmMgGtT]?i?)B?$/.exec(text.trim());
  const power = POWERS[match?.[2] ?? '?'];
  if (!match?.[1] || power === undefined) return undefined;
  return Math.round(Number(match[1]) * power);
}

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** ms of `90s`, `10m`, `1m30s`, `500ms` or `1h`; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, n, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(n) * (DURATIONS[unit ?? ''] ?? 0);
  return sum;
}
