// Where renderers write to: the seam between what is shown and a real stream.

import { wantsColour, wantsUnicode } from './style.ts';

export interface Terminal {
  /** Writes text as it is; never throws. */
  write(text: string): void;
  /** Cells in a row as they are now; changes when a window is resized. */
  readonly columns: number;
  /** Rows as they are now. */
  readonly rows: number;
  /** Whether the cursor can be moved, so that lines can be redrawn. */
  readonly isTTY: boolean;
  readonly colour: boolean;
  /** Whether marks and bars may use characters beyond ASCII. */
  readonly unicode: boolean;
}

/** What is used of process.stdout and process.stderr. */
interface Stream {
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** A terminal over a stream. Once its reader is gone (EPIPE, as with `| head`) what is written to it is dropped. */
export function terminalOf(stream: Stream, env: Env): Terminal {
  const isTTY = stream.isTTY === true && env['TERM'] !== 'dumb';
  let open = true;
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    get columns() {
      const columns = stream.columns ?? Number(env['COLUMNS']);
      return columns > 0 ? columns : 80;
    },
    get rows() {
      return stream.rows !== undefined && stream.rows > 0 ? stream.rows : 24;
    },
    isTTY,
    colour: wantsColour(env, isTTY),
    unicode: wantsUnicode(env),
  };
}
