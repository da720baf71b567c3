// `collect redact`: a bundle once more through the redactor, also one of troubleshoot.

import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { ArchiveWriter, archivePlace, partialOf, readArchive } from '../../../../support/bundle/archive.ts';
import type { FileStore, LeftOut } from '../../../../support/bundle/store.ts';
import { BundleWriter } from '../../../../support/bundle/writer.ts';
import { bundleRedactor } from '../../../../support/redaction.ts';
import type { Item } from '../../../../support/types.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import { accessFor, specOf } from '../inputs.ts';
import { maxUnpacked } from '../flags.ts';
import { sayLeftOut } from '../left-out.ts';
import type { CollectArguments } from '../run.ts';

export async function runRedact({ operands, flags }: CollectArguments, io: Io): Promise<number> {
  const [bundle, ...specs] = operands;
  const { output } = outputOptions({ flags });
  if (bundle === undefined) throw new UsageError('redact needs a bundle: redact BUNDLE [REDACTOR-SPEC…]');
  const redactors = specs.length === 0 ? [] : await redactorsOf({ operands: specs, flags }, io);
  const redactor = bundleRedactor(redactors, { tokenize: flags.tokenize });
  const source = resolve(io.cwd, bundle);
  const target = resolve(io.cwd, flags.archive ?? join(dirname(source), `redacted-${basename(source)}`));
  const place = await archivePlace(target);
  const store = await readArchive(source, maxUnpacked(flags));
  const partial = partialOf(place);
  const archive = new ArchiveWriter(partial, basename(target).replace(/\.tar\.gz$|\.tgz$/, ''), new Date());
  const writer = new BundleWriter({ redactor, archive, signal: io.signal });
  try {
    await addAll(store, writer, io.signal);
    await writer.finish();
    await archive.close();
    await rename(partial, place);
  } catch (error) {
    await archive.abandon();
    throw error;
  } finally {
    await Promise.all([writer.close(), store.close()]);
  }
  const hidden = ({ path, reason }: LeftOut): LeftOut => ({ path: redactor.text(path), reason: redactor.text(reason) });
  const leftOut = [...store.leftOut, ...writer.leftOut].map(hidden);
  sayLeftOut(leftOut, io);
  if (output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'collect.redact', archivePath: target, leftOut })}\n`);
  } else io.stdout.write(`${target}\n`);
  return ExitCode.ok;
}

async function addAll(store: FileStore, writer: BundleWriter, signal: AbortSignal): Promise<void> {
  /** Where files stand now: their names are redacted, too. */
  const places = new Map<string, string | undefined>();
  const links: { path: string; target: string }[] = [];
  for (const path of store.list()) {
    signal.throwIfAborted();
    const target = store.targetOf(path);
    if (target !== undefined) {
      links.push({ path, target });
      continue;
    }
    const content = store.sizeOf(path) > 1 << 20 ? store.stream(path) : await store.read(path);
    places.set(path, await writer.add({ path, content: content ?? Buffer.alloc(0) }));
  }
  signal.throwIfAborted();
  for (const { path, target } of links) writer.link(path, places.get(target) ?? target);
}

async function redactorsOf({ operands, flags }: CollectArguments, io: Io): Promise<readonly Item[]> {
  const access = accessFor(flags, realWiring(io.env, io.cwd));
  return (await specOf({ operands, flags }, io, { purpose: 'collect', access })).redactors;
}
