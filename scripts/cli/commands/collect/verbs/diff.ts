// `collect diff`: what has changed between two bundles.

import { resolve } from 'node:path';
import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { brief } from '../../../../base/layout.ts';
import { count } from '../../../../base/units.ts';
import { readArchive } from '../../../../support/bundle/archive.ts';
import { type FileDifference, diffBundles } from '../../../../support/bundle/diff.ts';
import type { FileStore, LeftOut } from '../../../../support/bundle/store.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import { redactedValue } from '../../../redaction.ts';
import { maxUnpacked } from '../flags.ts';
import { sayLeftOut } from '../left-out.ts';
import type { CollectArguments } from '../run.ts';

export async function runDiff({ operands, flags }: CollectArguments, io: Io): Promise<number> {
  const [before, after, ...more] = operands;
  const { output } = outputOptions({ flags });
  if (before === undefined || after === undefined || more.length > 0)
    throw new UsageError('diff needs two bundles: diff BEFORE AFTER');
  const most = maxUnpacked(flags);
  const stores = await Promise.all([before, after].map((file) => readArchive(resolve(io.cwd, file), most)));
  try {
    const [old, now] = stores as [FileStore, FileStore];
    const leftOut = redactedValue([...ofBundle(before, old), ...ofBundle(after, now)]);
    sayLeftOut(leftOut, io);
    const found = await diffBundles(old, now);
    if (output === 'json')
      io.stdout.write(`${JSON.stringify({ type: 'collect.diff', differences: found, leftOut })}\n`);
    else io.stdout.write([...found.flatMap(diffLines), `${count(found.length, 'difference')}\n`].join('\n'));
    return ExitCode.ok;
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Paths alone would not say which of the two has them. */
function ofBundle(file: string, { leftOut }: FileStore): LeftOut[] {
  return leftOut.map(({ path, reason }) => ({ path: `${file}: ${path}`, reason }));
}

function diffLines({ path, change, objects }: FileDifference): string[] {
  const sign = { added: '+', removed: '-', changed: '~' }[change];
  const below = (mark: string, names: readonly string[] = []): string[] =>
    names.map((name) => `    ${mark} ${brief(name)}`);
  return [
    `${sign} ${brief(path)}`,
    ...below('+', objects?.added),
    ...below('-', objects?.removed),
    ...below('~', objects?.changed),
  ];
}
