// Where a command that runs steps shows them, and what came of them.

import { chooseRenderer } from '../progress/choose.ts';
import { writeSummary } from '../progress/json.ts';
import type { Renderer } from '../progress/renderer.ts';
import { styleFor } from '../progress/style.ts';
import { type RunSummary, summaryLines } from '../progress/summary.ts';
import { terminalOf } from '../progress/terminal.ts';
import type { ClusterContext } from '../context.ts';
import type { Io } from './command.ts';
import { redactedSummary, redactedText, redacting } from './redaction.ts';
import type { OutputOptions } from './output.ts';

export interface Screen {
  renderer: Renderer;
  /** One line for the user beside the progress; none with `quiet`. */
  say: (line: string) => void;
  /** The end of the output: the summary, in the chosen format. */
  conclude: (summary: RunSummary) => void;
}

export async function openScreen(options: OutputOptions, io: Io, { env, clock, now }: ClusterContext): Promise<Screen> {
  const stdout = terminalOf(io.stdout, env);
  const stderr = terminalOf(io.stderr, env);
  const epochMs = (): number => now().getTime();
  const { onEvent, close } = await chooseRenderer(options, { stdout, stderr, env, clock, epochMs });
  return {
    renderer: { onEvent: redacting(onEvent), close },
    say(line) {
      if (!options.quiet) stderr.write(`${redactedText(line)}\n`);
    },
    conclude(whole) {
      // Its clock begins with the process.
      const summary = { ...redactedSummary(whole), waitedMs: performance.now() };
      if (options.output === 'json') writeSummary({ terminal: stdout, epochMs }, summary);
      else for (const line of summaryLines(summary, styleFor(stdout), options.quiet)) stdout.write(`${line}\n`);
    },
  };
}
