// Whether colour and Unicode are wanted, and the few styles and marks that all renderers share.

import { styleText } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * FORCE_COLOR wins over NO_COLOR, as in Node itself; without either, colour is for terminals.
 * @param isTTY false for a terminal with TERM=dumb
 */
export function wantsColour(env: Env, isTTY: boolean): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR']) return false;
  return isTTY;
}

/** False on a Linux console, a dumb terminal, and where the locale names another encoding than UTF-8. */
export function wantsUnicode(env: Env): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value);
  return locale === undefined || /utf-?8/i.test(locale);
}

type Format = Parameters<typeof styleText>[0];
export type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  good: Paint;
  bad: Paint;
  warn: Paint;
  readonly marks: Marks;
}

interface Marks {
  done: string;
  failed: string;
  warning: string;
  retry: string;
  /** Between two steps of a path. */
  arrow: string;
  times: string;
  /** Before a line that a step wrote. */
  gutter: string;
  ellipsis: string;
  barFull: string;
  barEmpty: string;
}

const unicode: Marks = {
  done: '✓',
  failed: '✗',
  warning: '!',
  retry: '↻',
  arrow: '→',
  times: '×',
  gutter: '│',
  ellipsis: '…',
  barFull: '━',
  barEmpty: '─',
};

const ascii: Marks = {
  done: '+',
  failed: 'x',
  warning: '!',
  retry: '~',
  arrow: '->',
  times: 'x',
  gutter: '|',
  ellipsis: '...',
  barFull: '=',
  barEmpty: '-',
};

export function styleFor(terminal: { colour: boolean; unicode: boolean }): Style {
  const style =
    (format: Format): Paint =>
    (text) =>
      // The decision is made above, from one environment, so Node's own look at a stream is turned off.
      terminal.colour && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
    marks: terminal.unicode ? unicode : ascii,
  };
}
