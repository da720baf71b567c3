// What `hoist collect` does: plan, collect, show.

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { accessOf } from '../../../support/cluster/reach.ts';
import { type BundleResult, bundleName, makeBundle } from '../../../support/make-bundle.ts';
import { stoppedCode } from '../../../support/run/collect.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { openScreen } from '../../screen.ts';
import { bundleOptions } from './bundle.ts';
import { askedOf, clusterOf, once } from './inputs.ts';
import { planText, resultJson, resultLines, warningLines } from './view.ts';

export async function runCollect(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const failOn = args.values['fail-on'];
  if (failOn !== undefined && failOn !== 'fail' && failOn !== 'warn')
    throw new UsageError(`--fail-on must be fail or warn, not "${failOn}"`);
  const wiring = realWiring(io.env, io.cwd);
  const access = once(() => accessOf(clusterOf(args, wiring)));
  const asked = await askedOf(args, io, { purpose: 'collect', access });
  if (args.switches['dry-run'] === true) {
    io.stdout.write(planText(asked, wish.output));
    return ExitCode.ok;
  }
  const { renderer, say } = await openScreen(wish, io, wiring);
  for (const line of warningLines(asked)) say(line);
  const now = wiring.now();
  const file = resolve(io.cwd, args.values['archive'] ?? (await freeName(io.cwd, bundleName('support-bundle', now))));
  const result = await makeBundle({
    ...bundleOptions(asked, args, { io, context: wiring, screen: { renderer, say } }),
    file,
    access,
  });
  renderer.close();
  io.stdout.write(
    wish.output === 'json' ? resultJson(result, asked) : resultLines(result, asked, { wish, io, env: wiring.env }),
  );
  return exitCode(result, failOn);
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

function exitCode(result: BundleResult, failOn: 'fail' | 'warn' | undefined): number {
  const stopped = stoppedCode(result.stopped);
  if (stopped !== undefined) return stopped;
  if (result.unreachable !== undefined) return ExitCode.other;
  if (failOn !== undefined && result.results.some(({ outcome }) => outcome === 'fail')) return ExitCode.unhealthy;
  if (failOn === 'warn' && result.results.some(({ outcome }) => outcome === 'warn')) return ExitCode.warnings;
  return ExitCode.ok;
}
