// Asks one check about a bundle that is only in memory.

import * as assert from 'uvu/assert';
import { analyze } from '../../../scripts/support/analyzers/analyze.ts';
import type { AnalyzeResult, Analyzer, BundleReader, CollectorFailure } from '../../../scripts/support/types.ts';

export const PLACE = { file: 'spec.yaml', line: 3, column: 5 };
const NOW_MS = Date.parse('2024-06-01T00:00:00Z');

function analyzer(kind: string, spec: Record<string, unknown>, host = false): Analyzer {
  return { kind, host, spec, place: PLACE, placeOf: () => PLACE };
}

/** A bundle of JSON values and texts. */
function bundle(files: Readonly<Record<string, unknown>>): BundleReader {
  const contents = new Map(
    Object.entries(files).map(([path, value]) => [
      path,
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    ]),
  );
  return { list: () => [...contents.keys()].sort(), read: (path) => Promise.resolve(contents.get(path)) };
}

export interface Asked {
  files?: Readonly<Record<string, unknown>>;
  failures?: readonly CollectorFailure[];
  host?: boolean;
}

export function run(
  kind: string,
  spec: Record<string, unknown>,
  { files = {}, failures = [], host = false }: Asked = {},
): Promise<AnalyzeResult[]> {
  return analyze([analyzer(kind, spec, host)], bundle(files), { failures, nowMs: NOW_MS });
}

export const when = (...list: (string | undefined)[]): { outcomes: unknown[] } => ({
  outcomes: list.map((text, i) => ({
    [i === list.length - 1 && text === undefined ? 'pass' : 'fail']: { when: text, message: text ?? 'else' },
  })),
});

/** Whether `text` holds, with no outcome behind it but one that always does. */
export async function holds(
  kind: string,
  text: string,
  asked: Asked & { spec?: Record<string, unknown> },
): Promise<boolean> {
  const results = await run(kind, { ...asked.spec, ...when(text, undefined) }, asked);
  assert.is(results.length, 1, JSON.stringify(results));
  assert.is(results[0]?.reason, undefined, `${text}: ${results[0]?.message}`);
  return results[0]?.outcome === 'fail';
}

export async function each(
  kind: string,
  asked: Asked & { spec?: Record<string, unknown> },
  table: Readonly<Record<string, boolean>>,
): Promise<void> {
  for (const [text, expected] of Object.entries(table))
    assert.is(await holds(kind, text, asked), expected, `${kind}: ${text}`);
}
