// Output line by line: for a terminal, or as events for programs.

import type { Mask } from './mask.ts';
import type { Channel, Output } from './output.ts';

/** A line longer than this is handed on in parts. */
const LONGEST = 64 * 1024;

type Stream = 'stdout' | 'stderr';

interface LineOptions {
  mask: Mask;
  line: (name: string, stream: Stream, line: string) => Promise<void> | undefined;
  say: (line: string) => void;
  /** An action begins. */
  opened?: (name: string) => void;
  /** Called when another process takes the terminal; what it returns is called when it is back. */
  held?: () => () => void;
}

/** Whole lines as they come, those of several actions mixed. */
export function lineOutput({ mask, line, say, opened, held }: LineOptions): Output {
  let holds = 0;
  let back: (() => void) | undefined;
  /** What is to be shown when the terminal is back. */
  const waiting: (() => void)[] = [];
  const later = (show: () => void): void => {
    if (holds > 0) waiting.push(show);
    else show();
  };
  let last: string | undefined;
  const put = (name: string, stream: Stream, text: string): Promise<void> | undefined => {
    last = name;
    if (holds === 0) return line(name, stream, text);
    waiting.push(() => void line(name, stream, text));
    return undefined;
  };
  return {
    open(name, { mute }): Channel {
      if (opened) later(() => opened(name));
      const masks = { stdout: mask.stream(), stderr: mask.stream() };
      const rest = { stdout: '', stderr: '' };
      const split = (stream: Stream, text: string): Promise<void> | undefined => {
        const lines = (rest[stream] + text).split('\n');
        rest[stream] = lines.pop() ?? '';
        if (rest[stream].length > LONGEST) lines.push(rest[stream].slice(0, LONGEST));
        rest[stream] = rest[stream].length > LONGEST ? rest[stream].slice(LONGEST) : rest[stream];
        let busy: Promise<void> | undefined;
        for (const one of lines) busy = put(name, stream, Buffer.from(one, 'latin1').toString('utf8')) ?? busy;
        return busy;
      };
      return {
        write: (stream, chunk) => (mute ? undefined : split(stream, masks[stream].push(chunk).toString('latin1'))),
        end() {
          if (mute) return;
          for (const stream of ['stdout', 'stderr'] as const) {
            void split(stream, masks[stream].flush().toString('latin1'));
            if (rest[stream] !== '') void split(stream, '\n');
          }
        },
      };
    },
    say: (text) => later(() => say(mask.text(text))),
    hold() {
      if (holds++ === 0) back = held?.();
      return () => {
        if (--holds > 0) return;
        back?.();
        for (const show of waiting.splice(0)) show();
      };
    },
    flush: () => undefined,
    lastShown: () => last,
  };
}
