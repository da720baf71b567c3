// Output on a terminal: lines above the bars, behind the name of their action where those of several can mix.

import { coloured } from '../../base/terminal-text.ts';
import { truncate } from '../../base/layout.ts';
import { lineOutput } from './lines.ts';
import type { Mask } from './mask.ts';
import type { Output } from './output.ts';

/** The terminal, with bars below what is printed. */
export interface LiveScreen {
  /** Whole lines, which are guarded already. */
  print(text: string): void;
  /** Leaves the terminal alone until the returned function is called. */
  hold(): () => void;
  /** Whether lines of several actions can mix. */
  mixed: boolean;
  colour: boolean;
  /** How wide a prefix may be at most, in cells. */
  prefixCells: () => number;
  ellipsis: string;
}

const COLOURS = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];

/** Nothing of it moves the cursor or reaches the terminal's title, clipboard or links: colours and styles are left. */
export function liveOutput(mask: Mask, screen: LiveScreen): Output {
  const { mixed, colour } = screen;
  const colours = new Map<string, number>();
  const prefix = (name: string): string => {
    const shown = truncate(coloured(mask.text(name)), screen.prefixCells(), screen.ellipsis);
    if (!colour) return `${shown} | `;
    const code = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? 36;
    colours.set(name, code);
    return `\x1b[${code}m${shown} |\x1b[0m `;
  };
  return lineOutput({
    mask,
    line(name, _stream, line) {
      screen.print(`${mixed ? prefix(name) : ''}${coloured(lastDrawn(line))}\n`);
      return undefined;
    },
    say: (text) => screen.print(`${coloured(text)}\n`),
    ...(mixed ? {} : { opened: (name) => screen.print(`> ${coloured(mask.text(name))}\n`) }),
    held: () => screen.hold(),
  });
}

/** Of a line that was drawn several times, by carriage returns, what stands there at the end. */
function lastDrawn(line: string): string {
  return line.replace(/\r+$/, '').replace(/^.*\r/s, '');
}
