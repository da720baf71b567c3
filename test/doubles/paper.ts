// A terminal that keeps what was written, as a pipe or a log file would.

import type { Terminal } from '../../scripts/progress/terminal.ts';

export interface Paper extends Terminal {
  readonly text: string;
  /** Without the last line feed. */
  lines(): string[];
}

export function paper(options: { colour?: boolean; unicode?: boolean; isTTY?: boolean } = {}): Paper {
  let text = '';
  return {
    columns: 80,
    rows: 24,
    isTTY: options.isTTY ?? false,
    colour: options.colour ?? false,
    unicode: options.unicode ?? true,
    write: (more) => {
      text += more;
    },
    get text() {
      return text;
    },
    lines: () => text.replace(/\n$/, '').split('\n'),
  };
}
