// `collect redact`: a bundle once more through the redactor, also one of troubleshoot.

import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { plain } from '../../../../base/layout.ts';
import { ArchiveWriter, partialOf, readArchive, refuseFolder } from '../../../../support/bundle/archive.ts';
import { BundleWriter } from '../../../../support/bundle/writer.ts';
import { bundleRedactor } from '../../../../support/redaction.ts';
import type { Item } from '../../../../support/types.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import { accessFor, specOf } from '../inputs.ts';
import { maxUnpacked } from '../flags.ts';
import type { CollectArguments } from '../run.ts';

export async function runRedact({ operands, flags }: CollectArguments, io: Io): Promise<number> {
  const [bundle, ...specs] = operands;
  const { output } = outputOptions({ flags });
  if (bundle === undefined) throw new UsageError('redact needs a bundle: redact BUNDLE [REDACTOR-SPEC…]');
  const redactors = specs.length === 0 ? [] : await redactorsOf({ operands: specs, flags }, io);
  const redactor = bundleRedactor(redactors, { tokenize: flags.tokenize });
  const source = resolve(io.cwd, bundle);
  const target = resolve(io.cwd, flags.archive ?? join(dirname(source), `redacted-${basename(source)}`));
  await refuseFolder(target);
  const store = await readArchive(source, maxUnpacked(flags));
  const partial = partialOf(target);
  const archive = new ArchiveWriter(partial, basename(target).replace(/\.tar\.gz$|\.tgz$/, ''), new Date());
  const writer = new BundleWriter({ redactor, archive });
  try {
    for (const path of store.list()) {
      io.signal.throwIfAborted();
      const link = store.targetOf(path);
      if (link !== undefined) writer.link(path, link);
      else if (store.sizeOf(path) > 1 << 20) await writer.add({ path, content: store.stream(path) ?? Buffer.alloc(0) });
      else await writer.add({ path, content: (await store.read(path)) ?? Buffer.alloc(0) });
    }
    await writer.finish();
    await archive.close();
    await rename(partial, target);
  } catch (error) {
    await archive.abandon();
    throw error;
  } finally {
    await Promise.all([writer.close(), store.close()]);
  }
  const leftOut = [...store.leftOut, ...writer.leftOut];
  for (const { path, reason } of leftOut) io.stderr.write(`warning: ${plain(path)} was left out: ${plain(reason)}\n`);
  if (output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'collect.redact', archivePath: target, leftOut })}\n`);
  } else io.stdout.write(`${target}\n`);
  return ExitCode.ok;
}

async function redactorsOf({ operands, flags }: CollectArguments, io: Io): Promise<readonly Item[]> {
  const access = accessFor(flags, realWiring(io.env, io.cwd));
  return (await specOf({ operands, flags }, io, { purpose: 'collect', access })).redactors;
}
