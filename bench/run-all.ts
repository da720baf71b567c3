// Runs all benches, or those that are named, and writes bench/results/ and the table in bench/README.md: `npm run bench`.

import { parseArgs } from 'node:util';
import { ExitCode, InterruptedError, UsageError, exitCodeOf, messageOf } from '../scripts/base/errors.ts';
import { gather } from './harness/gather.ts';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new InterruptedError('SIGINT')));
process.once('SIGTERM', () => interrupt.abort(new InterruptedError('SIGTERM')));

function readArguments(): { names: string[]; runs: number | undefined } {
  try {
    const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    if (runs !== undefined && (!Number.isInteger(runs) || runs < 1))
      throw new Error('--runs: a whole number of at least 1');
    return { names: positionals, runs };
  } catch (error) {
    throw new UsageError(`${messageOf(error)}; usage: npm run bench -- [NAME …] [--runs N]`);
  }
}

try {
  const log = (line: string): void => console.error(line);
  const { missed, failed } = await gather({
    dir: import.meta.dirname,
    ...readArguments(),
    signal: interrupt.signal,
    log,
  });
  for (const name of missed) log(`${name}: a target was missed`);
  for (const [name, why] of Object.entries(failed)) log(`${name}: failed: ${why}`);
  if (missed.length > 0) process.exitCode = ExitCode.regression;
  if (Object.keys(failed).length > 0) process.exitCode = ExitCode.other;
} catch (error) {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = exitCodeOf(error);
}
