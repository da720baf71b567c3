// The block that a run leaves in the log for people: duration, system information, one line a step.

import { oneLine } from '../base/terminal-text.ts';
import type { StepRecord } from '../engine/step.ts';
import { pad } from './format.ts';
import { bytesText, exactDuration } from '../base/units.ts';
import type { BenchmarkRecord } from './record.ts';

const RULE = '='.repeat(80);

/** Splits the log into its blocks. */
export const BLOCK_START = /^(?=={80}$)/m;

/** A block of plain text, at most 80 columns wide as far as names allow, ending without a newline. */
export function describeRun(record: BenchmarkRecord): string {
  const { run } = record;
  return [
    RULE,
    `${record.tool} ${record.id}${record.label === undefined ? '' : `  (${oneLine(record.label)})`}`,
    `Started:           ${record.startedAt}`,
    `Duration:          ${exactDuration(record.durationMs)}`,
    `Outcome:           ${record.outcome} (exit code ${record.exitCode})`,
    ...(record.error === undefined ? [] : [`Error:             ${oneLine(record.error)}`]),
    ...(run === undefined
      ? []
      : [
          `Parallel gain:     ${run.parallelGain.toFixed(2)}x`,
          `Critical path:     ${run.criticalPath.length === 0 ? 'none' : run.criticalPath.map(oneLine).join(' > ')}`,
        ]),
    ...Object.entries(record.phases ?? {}).map(([name, ms]) => `${pad(`${name}:`, 19)}${exactDuration(ms)}`),
    '',
    'System information',
    ...systemLines(record),
    ...(run === undefined || run.steps.length === 0 ? [] : ['', ...stepLines(run.steps)]),
    '',
  ].join('\n');
}

function systemLines(record: BenchmarkRecord): string[] {
  const { system, subject, cluster, load } = record;
  const limits = [
    system.cpuLimit === undefined ? '' : `, limited to ${system.cpuLimit}`,
    system.memoryLimitBytes === undefined ? '' : `, limited to ${bytesText(system.memoryLimitBytes)}`,
  ];
  const rows: [string, string | undefined][] = [
    ['CPU cores', `${system.cores} (${system.cpuModel})${limits[0] ?? ''}`],
    ['Memory', `${bytesText(system.memoryBytes)}${limits[1] ?? ''}`],
    ['Agents', cluster.agents?.toString()],
    ['Concurrency level', cluster.concurrency?.toString()],
    ['Architecture', system.arch],
    ['OS', `${system.os}, kernel ${system.kernel}${system.container ? ', in a container' : ''}`],
    ['Image', cluster.image],
    ['Provider', cluster.provider],
    ...(subject === undefined
      ? [['Cluster', cluster.name] as [string, string | undefined]]
      : [[capital(subject.kind), subject.name] as [string, string], ...factRows(subject.facts ?? {})]),
    [
      'Load',
      load && `${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after, CPUs ${percent(load.during)} busy`,
    ],
    [
      'Versions',
      Object.entries(record.versions)
        .map(([tool, version]) => `${tool} ${version}`)
        .join(', '),
    ],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${pad(`  ${name}:`, 22)}${oneLine(value)}`],
  );
}

function factRows(facts: Readonly<Record<string, string | number>>): [string, string][] {
  return Object.entries(facts).map(([name, value]) => [capital(name), String(value)]);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function stepLines(steps: readonly StepRecord[]): string[] {
  const width = Math.max(8, ...steps.map((step) => oneLine(step.name).length));
  return [
    `${pad('Step', width)}     Waited       Took  Attempts  Outcome`,
    ...steps.map((step) => {
      const { queuedMs, startedMs, endedMs } = step;
      const name = oneLine(step.name);
      const waited = queuedMs === undefined || startedMs === undefined ? '-' : exactDuration(startedMs - queuedMs);
      const took = startedMs === undefined ? '-' : exactDuration(endedMs - startedMs);
      const why = step.reason === undefined ? '' : `: ${oneLine(step.reason)}`;
      const columns = [name.padEnd(width), waited.padStart(10), took.padStart(10), String(step.attempts).padStart(9)];
      return `${columns.join(' ')}  ${step.outcome}${why}`;
    }),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
