// What of a bundle is not there for a command that reads it: links that lead out of it, devices, what cannot be redacted.

import { brief } from '../../../base/layout.ts';
import type { LeftOut } from '../../../support/bundle/store.ts';
import type { Io } from '../../command.ts';
import { redactedText } from '../../redaction.ts';

/** Anyone may have made the bundle: a hundred thousand lines would hide all others. */
const MOST_LINES = 20;

export function sayLeftOut(leftOut: readonly LeftOut[], io: Pick<Io, 'stderr'>): void {
  for (const line of leftOutLines(leftOut)) io.stderr.write(`warning: ${line}\n`);
}

export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  const more = leftOut.length - MOST_LINES;
  return [
    ...leftOut
      .slice(0, MOST_LINES)
      .map(({ path, reason }) => redactedText(`${brief(path)} was left out: ${brief(reason)}`)),
    ...(more > 0 ? [`${more} more were left out`] : []),
  ];
}
