// Judges what a test file did from its text, its exit code and uvu's closing lines: pure.

export interface FileResult {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  /** Why it failed, where that is not a failed test. */
  why?: string;
}

/** Says which suites of a file are never run; undefined where all are. */
export function missingRuns(source: string): string | undefined {
  const suites = Array.from(
    source.matchAll(/^\s*(?:const|let) (\w+) = suite(?:<[^]*?>)?\(/gm),
    (match) => match[1] ?? '',
  );
  if (suites.length === 0) return 'it has no suite';
  const idle = suites.filter((name) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(source));
  return idle.length === 0 ? undefined : `these suites are never run: ${idle.join(', ')}`;
}

/** @param ended the exit code; null for a signal; a sentence where it was stopped from outside */
export function judge(file: string, ended: number | string | null, output: string): FileResult {
  const figure = (name: string): number | undefined => {
    const text = new RegExp(`^ {2}${name}:\\s+(\\d+)`, 'm').exec(output)?.[1];
    return text === undefined ? undefined : Number(text);
  };
  const total = figure('Total');
  const passed = figure('Passed') ?? 0;
  const skipped = figure('Skipped') ?? 0;
  const bad = (why: string): FileResult => ({ file, passed, failed: Math.max(1, (total ?? 0) - passed), skipped, why });
  if (typeof ended === 'string') return bad(ended);
  if (total === undefined) return bad(`it ended (${ended ?? 'signal'}) before its tests did`);
  if (total + skipped === 0) return bad('it ran no test');
  if (passed < total) return bad(`${total - passed} of ${total} tests did not pass`);
  if (ended !== 0) return bad(`it ended with ${ended ?? 'a signal'} although all tests passed`);
  return { file, passed, failed: 0, skipped };
}
