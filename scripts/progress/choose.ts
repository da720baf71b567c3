// Picks the renderer that suits what was asked for and where the output goes.

import type { Clock } from '../engine/clock.ts';
import type { Renderer } from './renderer.ts';
import type { Env, Terminal } from './terminal.ts';

interface OutputChoice {
  output: 'text' | 'json';
  quiet: boolean;
  verbose: boolean;
}

/** JSON wins over all; bars are for a terminal that a person looks at, which a CI's is not even where it claims to be one. */
export function kindOf(choice: OutputChoice, isTTY: boolean, env: Env): 'json' | 'none' | 'bars' | 'lines' {
  if (choice.output === 'json') return 'json';
  if (choice.quiet) return 'none';
  return isTTY && !isCI(env) ? 'bars' : 'lines';
}

function isCI(env: Env): boolean {
  const ci = env['CI'];
  return ci !== undefined && ci !== '' && ci !== '0' && ci !== 'false';
}

/** JSON goes to stdout; progress for people to stderr, so that stdout keeps the result alone. */
export async function chooseRenderer(
  choice: OutputChoice,
  where: { stdout: Terminal; stderr: Terminal; env: Env; clock: Clock; epochMs: () => number },
): Promise<Renderer> {
  const options = { terminal: where.stderr, clock: where.clock, verbose: choice.verbose };
  switch (kindOf(choice, where.stderr.isTTY, where.env)) {
    case 'json':
      return (await import('./json.ts')).createJson({ terminal: where.stdout, epochMs: where.epochMs });
    case 'none':
      return { onEvent: () => undefined, close: () => undefined };
    case 'bars':
      // They look after what they write themselves.
      return (await import('./bars.ts')).createBars({ ...options, terminal: where.stderr.raw ?? where.stderr });
    case 'lines':
      return (await import('./lines.ts')).createLines(options);
  }
}
