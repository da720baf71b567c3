// What `hoist preflight` does: collect, check, and say what does not fit.

import { resolve } from 'node:path';
import { ConfigError, ExitCode } from '../../../base/errors.ts';
import { type BundleResult, makeBundle } from '../../../support/make-bundle.ts';
import { stoppedCode } from '../../../support/run/collect.ts';
import { realWiring } from '../../../wiring.ts';
import type { FlagValues, Io, outputFlags } from '../../command.ts';
import { redactedValue } from '../../redaction.ts';
import { openScreen } from '../../screen.ts';
import { bundleOptions } from '../collect/bundle.ts';
import type { ClusterFlags, ContentFlags, RunFlags, SpecFlags } from '../collect/flags.ts';
import { checkOutput, formatChecks } from '../collect/formats.ts';
import { historyOf } from '../collect/history.ts';
import { accessFor, askedOf, whereOf } from '../collect/inputs.ts';
import { planText, warningLines } from '../collect/view.ts';
import { checkLines, checksJson } from './view.ts';

interface PreflightArguments {
  operands: readonly string[];
  flags: { archive: string | undefined } & ClusterFlags &
    SpecFlags &
    RunFlags &
    ContentFlags &
    FlagValues<typeof outputFlags>;
}

export async function runPreflight(args: PreflightArguments, io: Io): Promise<number> {
  const { flags } = args;
  const { output, format } = checkOutput(flags);
  const wiring = realWiring(io.env, io.cwd);
  const access = accessFor(flags, wiring);
  const asked = await askedOf(args, io, { purpose: 'preflight', access });
  if (asked.spec.analyzers.length === 0)
    throw new ConfigError([
      { where: args.operands.join(', '), message: 'has no analyzers: there is nothing to check' },
      ...asked.warnings.map(({ place, message }) => ({ where: whereOf(place), message })),
    ]);
  if (flags['dry-run']) {
    const usual = await historyOf('preflight', asked, io, wiring).usual();
    io.stdout.write(planText(asked, output.output, usual));
    return ExitCode.ok;
  }
  const { renderer, say } = await openScreen(output, io, wiring);
  for (const line of warningLines(asked)) say(line);
  const history = historyOf('preflight', asked, io, wiring);
  if (output.output !== 'json') history.sayUsual(say);
  const { archive } = flags;
  const made = await makeBundle({
    ...bundleOptions(asked, flags, { io, context: wiring, screen: { renderer, say }, history }),
    file: archive === undefined ? undefined : resolve(io.cwd, archive),
    access,
  });
  renderer.close();
  const result = redactedValue(made);
  io.stdout.write(
    format !== undefined
      ? formatChecks(result.results, format, { name: 'preflight', wallMs: result.wallMs })
      : output.output === 'json'
        ? checksJson(result)
        : checkLines(result, { output, io, env: wiring.env }),
  );
  await history.record(made, say);
  return exitCode(made);
}

function exitCode({ results, stopped }: BundleResult): number {
  const code = stoppedCode(stopped);
  if (code !== undefined) return code;
  if (results.some(({ outcome }) => outcome === 'fail')) return ExitCode.unhealthy;
  return results.some(({ outcome }) => outcome === 'warn') ? ExitCode.warnings : ExitCode.ok;
}
