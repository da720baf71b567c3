// What `hoist collect` does: plan, collect, show.

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { type BundleResult, bundleName, makeBundle } from '../../../support/make-bundle.ts';
import { stoppedCode } from '../../../support/run/collect.ts';
import { realWiring } from '../../../wiring.ts';
import type { Io } from '../../command.ts';
import { redactedValue } from '../../redaction.ts';
import { openScreen } from '../../screen.ts';
import { bundleOptions } from './bundle.ts';
import { type CollectFlags, failOn } from './flags.ts';
import { checkOutput, formatChecks } from './formats.ts';
import { historyOf } from './history.ts';
import { accessFor, askedOf } from './inputs.ts';
import { planText, resultJson, resultLines, warningLines } from './view.ts';

export interface CollectArguments {
  operands: readonly string[];
  flags: CollectFlags;
}

export async function runCollect(args: CollectArguments, io: Io): Promise<number> {
  const { flags } = args;
  const { output, format } = checkOutput(flags);
  const extra = metadataFiles(flags.metadata);
  const failing = failOn(flags);
  const wiring = realWiring(io.env, io.cwd);
  const access = accessFor(flags, wiring);
  const asked = await askedOf(args, io, { purpose: 'collect', access });
  if (flags['dry-run']) {
    const usual = await historyOf('collect', asked, io, wiring).usual();
    io.stdout.write(planText(asked, output.output, usual));
    return ExitCode.ok;
  }
  const { renderer, say } = await openScreen(output, io, wiring);
  for (const line of warningLines(asked)) say(line);
  const history = historyOf('collect', asked, io, wiring);
  if (output.output !== 'json') history.sayUsual(say);
  const now = wiring.now();
  const file = resolve(io.cwd, flags.archive ?? (await freeName(io.cwd, bundleName('support-bundle', now))));
  const made = await makeBundle({
    ...bundleOptions(asked, flags, { io, context: wiring, screen: { renderer, say }, history }),
    file,
    access,
    extra,
  });
  renderer.close();
  const result = redactedValue(made);
  io.stdout.write(
    format !== undefined
      ? formatChecks(result.results, format, { name: 'collect', wallMs: result.wallMs })
      : output.output === 'json'
        ? resultJson(result, asked)
        : resultLines(result, { output, io, env: wiring.env, warnings: redactedValue(asked.warnings) }),
  );
  await history.record(made, say);
  return exitCode(made, failing);
}

/** @throws UsageError for what is no KEY=VALUE. */
function metadataFiles(pairs: readonly string[]): { path: string; content: Buffer }[] {
  if (pairs.length === 0) return [];
  const entries = pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--metadata must be KEY=VALUE, not "${pair}"`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const content = Buffer.from(JSON.stringify(Object.fromEntries(entries), null, 2));
  return [{ path: 'metadata/user.json', content }];
}

async function freeName(cwd: string, name: string): Promise<string> {
  for (let number = 0; ; number++) {
    const file = `${name}${number === 0 ? '' : ` (${number})`}.tar.gz`;
    const taken = await stat(resolve(cwd, file)).then(
      () => true,
      () => false,
    );
    if (!taken) return file;
  }
}

function exitCode(result: BundleResult, failing: 'fail' | 'warn' | undefined): number {
  const stopped = stoppedCode(result.stopped);
  if (stopped !== undefined) return stopped;
  if (result.unreachable !== undefined) return ExitCode.other;
  if (failing !== undefined && result.results.some(({ outcome }) => outcome === 'fail')) return ExitCode.unhealthy;
  if (failing === 'warn' && result.results.some(({ outcome }) => outcome === 'warn')) return ExitCode.warnings;
  return ExitCode.ok;
}
