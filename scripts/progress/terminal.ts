// Where renderers write to: the seam between what is shown and a real stream.

import { forStream } from '../base/terminal-text.ts';
import { wantsColour, wantsUnicode } from './style.ts';

export interface Terminal {
  /** Never throws. */
  write(text: string): void;
  /** The same one without the guard of its stream, for those who move the cursor. */
  readonly raw?: Terminal | undefined;
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

const behind = new WeakMap<object, Stream>();

/** The stream as commands get it: of what they write a terminal obeys nothing but hoist's own styles. */
export function guarded<S extends Stream>(stream: S): S {
  const guard = new Proxy(stream, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (key !== 'write') return value.bind(target) as unknown;
      return (chunk: unknown, ...rest: unknown[]): unknown =>
        Reflect.apply(value, target, [typeof chunk === 'string' ? forStream(chunk) : chunk, ...rest]);
    },
  });
  behind.set(guard, stream);
  return guard;
}

/** A terminal over a stream. Once its reader is gone, as with `| head`, or its disk is full, what is written to it is dropped. */
export function terminalOf(stream: Stream, env: Env): Terminal {
  const isTTY = stream.isTTY === true && env['TERM'] !== 'dumb';
  let open = true;
  // What is wrong with it is reported for all commands at once: throwing here would end what runs without its clean-up.
  stream.on('error', () => (open = false));
  const over = (target: Stream): Terminal => ({
    write: (text) => {
      if (open) target.write(text);
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
  });
  const unguarded = behind.get(stream);
  return unguarded === undefined ? over(stream) : Object.assign(over(stream), { raw: over(unguarded) });
}
