// The results of checks for other programs: JUnit for CI, YAML for people who like that.

import { stringify } from 'yaml';
import { UsageError } from '../../../base/errors.ts';
import { harmless } from '../../../base/terminal-text.ts';
import type { AnalyzeResult } from '../../../support/types.ts';
import type { FlagValues, outputFlags } from '../../command.ts';
import { type OutputOptions, outputOptions } from '../../output.ts';
import { whereOf } from './inputs.ts';

export interface CheckOutput {
  output: OutputOptions;
  /** What stdout gets; undefined for what `output` says. */
  format: 'yaml' | 'junit' | undefined;
}

/** @throws UsageError for another format. */
export function checkOutput(flags: FlagValues<typeof outputFlags>): CheckOutput {
  const { output } = flags;
  if (output === 'yaml' || output === 'junit')
    return { output: outputOptions({ flags: { ...flags, output: 'text' } }), format: output };
  if (output !== undefined && output !== 'text' && output !== 'json')
    throw new UsageError(`--output must be text, json, yaml or junit, not "${output}"`);
  return { output: outputOptions({ flags }), format: undefined };
}

export function formatChecks(
  results: readonly AnalyzeResult[],
  format: 'yaml' | 'junit',
  { name, wallMs = 0 }: { name: string; wallMs?: number | undefined },
): string {
  return format === 'yaml' ? stringify({ checks: results.map(entryOf) }) : junit(results, name, wallMs);
}

function entryOf({ place, ...others }: AnalyzeResult): object {
  const known = Object.entries({ ...others, place: whereOf(place) }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known);
}

/** JUnit knows no warnings: they are skipped tests with a message, which CI systems show apart from those that pass. */
function junit(results: readonly AnalyzeResult[], name: string, wallMs: number): string {
  const of = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const counts = `tests="${results.length}" failures="${of('fail')}" skipped="${of('warn')}" time="${(wallMs / 1000).toFixed(3)}"`;
  const cases = results.map(({ title, kind, host, place, outcome, message, uri = '' }) => {
    const head = `    <testcase name="${xml(title)}" classname="${xml(host ? `host.${kind}` : kind)}" file="${xml(place.file)}" line="${place.line}"`;
    const text = xml(uri === '' ? message : `${message} (${uri})`);
    if (outcome === 'fail') return `${head}>\n      <failure message="${text}"/>\n    </testcase>`;
    if (outcome === 'warn') return `${head}>\n      <skipped message="warning: ${text}"/>\n    </testcase>`;
    return `${head}/>`;
  });
  const suite = [`  <testsuite name="${xml(name)}" ${counts}>`, ...cases, '  </testsuite>'];
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suite, '</testsuites>', ''].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** As the value of an attribute; what XML 1.0 cannot hold is replaced. */
function xml(text: string): string {
  return harmless(text)
    .replace(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"\n\t]/g, (char) => ENTITIES[char] ?? char);
}
