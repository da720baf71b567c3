// What `hoist bundle` does.

import { resolve } from 'node:path';
import { saveSteps } from '../../../cluster/bundle/save.ts';
import { prepare } from '../../../cluster/prepare-cluster.ts';
import { secretsOf } from '../../../cluster/record/run-content.ts';
import { runSteps } from '../../../engine/run.ts';
import { UsageError } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { BundleError } from '../../../offline/bundle-errors.ts';
import { BundleReader } from '../../../offline/reader.ts';
import { settingsText } from '../../../offline/settings.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { maskSecrets } from '../../redaction.ts';
import { openScreen } from '../../screen.ts';
import { savedLines, shownAsJson, verifiedLines } from './view.ts';

const ACTIONS = ['save', 'verify'] as const;

export async function runBundle(args: CommandArguments, io: Io): Promise<number> {
  const [given = '', ...operands] = args.operands;
  switch (ACTIONS.find((known) => known === given)) {
    case 'save':
      return save(args, oneFile(operands, 'save'), io);
    case 'verify': {
      const [file, digest, ...more] = operands;
      return verify(args, { file: oneFile([file, ...more], 'verify'), digest }, io);
    }
    case undefined:
      throw new UsageError(
        given === '' ? 'bundle does nothing by itself' : `bundle cannot "${given}"${didYouMean(given, ACTIONS)}`,
        {
          hint: `It can ${ACTIONS.join(' and ')}.`,
        },
      );
  }
}

async function save(args: CommandArguments, file: string, io: Io): Promise<number> {
  const { output, context, request } = commandContext(args, io);
  const prepared = await prepare(request, context, { run: false });
  maskSecrets(secretsOf(prepared));
  const { renderer } = await openScreen(output, io, context);
  const { steps, saved } = await saveSteps(prepared, file, context);
  try {
    const { pools } = prepared.plan;
    await runSteps(steps, { pools, signal: io.signal, subscribers: [renderer.onEvent], clock: context.clock });
  } finally {
    renderer.close();
  }
  const bundle = { ...saved(), file };
  if (output.output === 'json') {
    const { notes } = bundle;
    io.stdout.write(`${JSON.stringify({ type: 'bundle.saved', ...shownAsJson(bundle), notes })}\n`);
  } else if (!output.quiet) io.stdout.write(`${savedLines(bundle).join('\n')}\n`);
  return 0;
}

async function verify(
  args: CommandArguments,
  { file, digest: wanted }: { file: string; digest: string | undefined },
  io: Io,
): Promise<number> {
  const { output } = commandContext(args, io);
  const bundle = await BundleReader.open(resolve(io.cwd, file));
  try {
    const { manifest, digest } = bundle;
    if (wanted !== undefined && wanted.replace(/^sha256:/, '') !== digest)
      throw new BundleError(
        file,
        `it is another one:\nexpected sha256 ${wanted.replace(/^sha256:/, '')}\n     got sha256 ${digest}`,
      );
    await bundle.verify(undefined, { signal: io.signal });
    // As `up` would read them.
    settingsText(manifest, io.cwd, file);
    const shown = { file, digest, bytes: bundle.bytes, manifest };
    if (output.output === 'json')
      io.stdout.write(`${JSON.stringify({ type: 'bundle.verified', ...shownAsJson(shown) })}\n`);
    else if (!output.quiet) io.stdout.write(`${verifiedLines(shown).join('\n')}\n`);
    return 0;
  } finally {
    await bundle.close();
  }
}

/** @throws UsageError where there is not exactly one. */
function oneFile(operands: readonly (string | undefined)[], action: string): string {
  const [file, ...more] = operands;
  if (file === undefined || file === '' || more.length > 0)
    throw new UsageError(`\`hoist bundle ${action}\` takes one file`);
  return file;
}
