// What `hoist preflight` does: collect, check, and say what does not fit.

import { resolve } from 'node:path';
import { ConfigError, ExitCode } from '../../../base/errors.ts';
import { accessOf } from '../../../support/cluster/reach.ts';
import { type BundleResult, makeBundle } from '../../../support/make-bundle.ts';
import { stoppedCode } from '../../../support/run/collect.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { openScreen } from '../../screen.ts';
import { bundleOptions } from '../collect/bundle.ts';
import { askedOf, clusterOf, once } from '../collect/inputs.ts';
import { planText, warningLines } from '../collect/view.ts';
import { checkLines, checksJson } from './view.ts';

export async function runPreflight(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const wiring = realWiring(io.env, io.cwd);
  const access = once(() => accessOf(clusterOf(args, wiring)));
  const asked = await askedOf(args, io, { purpose: 'preflight', access });
  if (args.switches['dry-run'] === true) {
    io.stdout.write(planText(asked, wish.output));
    return ExitCode.ok;
  }
  if (asked.spec.analyzers.length === 0)
    throw new ConfigError([
      { where: args.operands.join(', '), message: 'has no analyzers: there is nothing to check' },
    ]);
  const { renderer, say } = await openScreen(wish, io, wiring);
  for (const line of warningLines(asked)) say(line);
  const archive = args.values['archive'];
  const result = await makeBundle({
    ...bundleOptions(asked, args, { io, context: wiring, screen: { renderer, say } }),
    file: archive === undefined ? undefined : resolve(io.cwd, archive),
    access,
  });
  renderer.close();
  io.stdout.write(wish.output === 'json' ? checksJson(result) : checkLines(result, { wish, io, env: wiring.env }));
  return exitCode(result);
}

function exitCode({ results, stopped }: BundleResult): number {
  const code = stoppedCode(stopped);
  if (code !== undefined) return code;
  if (results.some(({ outcome }) => outcome === 'fail')) return ExitCode.unhealthy;
  return results.some(({ outcome }) => outcome === 'warn') ? ExitCode.warnings : ExitCode.ok;
}
