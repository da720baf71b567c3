// Where a command that runs steps shows them, and what came of them.

import { chooseRenderer } from '../progress/choose.ts';
import { writeSummary } from '../progress/json.ts';
import type { Renderer } from '../progress/renderer.ts';
import { styleFor } from '../progress/style.ts';
import { type Summary, summaryLines } from '../progress/summary.ts';
import { terminalOf } from '../progress/terminal.ts';
import type { ClusterContext } from '../context.ts';
import type { Io } from './command.ts';
import type { OutputWish } from './output.ts';

export interface Screen {
  renderer: Renderer;
  /** One line for the user beside the progress; none where quiet is wished. */
  say: (line: string) => void;
  /** The end of the output, as it is wished. */
  conclude: (summary: Summary) => void;
}

export async function openScreen(wish: OutputWish, io: Io, { env, clock, now }: ClusterContext): Promise<Screen> {
  const stdout = terminalOf(io.stdout, env);
  const stderr = terminalOf(io.stderr, env);
  const epochMs = (): number => now().getTime();
  return {
    renderer: await chooseRenderer(wish, { stdout, stderr, env, clock, epochMs }),
    say(line) {
      if (!wish.quiet) stderr.write(`${line}\n`);
    },
    conclude(summary) {
      if (wish.output === 'json') writeSummary({ terminal: stdout, epochMs }, summary);
      else for (const line of summaryLines(summary, styleFor(stdout), wish.quiet)) stdout.write(`${line}\n`);
    },
  };
}
