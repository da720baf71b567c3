// Output line by line: with a prefix that says whose it is, on a terminal, or as events for programs.

import type { Mask } from './mask.ts';
import type { Channel, Output, Sinks } from './output.ts';

/** A line longer than this is handed on in parts. */
const LONGEST = 64 * 1024;

type Stream = 'stdout' | 'stderr';

interface LineOptions {
  mask: Mask;
  line: (name: string, stream: Stream, line: string) => Promise<void> | undefined;
  say: (line: string) => void;
}

/** Whole lines as they come, those of several actions mixed. */
export function lineOutput({ mask, line, say }: LineOptions): Output {
  let holds = 0;
  const held: (() => void)[] = [];
  let last: string | undefined;
  const put = (name: string, stream: Stream, text: string): Promise<void> | undefined => {
    last = name;
    if (holds === 0) return line(name, stream, text);
    held.push(() => void line(name, stream, text));
    return undefined;
  };
  return {
    open(name, { mute }): Channel {
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
    say: (text) => say(mask.text(text)),
    hold() {
      holds++;
      return () => {
        if (--holds === 0) for (const show of held.splice(0)) show();
      };
    },
    flush: () => undefined,
    lastShown: () => last,
  };
}

const COLOURS = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];

/** Each line behind the name of its action, in a colour of its own. */
export function prefixedOutput(options: { mask: Mask; sinks: Sinks; colour: boolean }): Output {
  const { mask, sinks, colour } = options;
  const colours = new Map<string, number>();
  const prefix = (name: string): string => {
    const shown = mask.text(name.length > 32 ? `${name.slice(0, 31)}…` : name);
    if (!colour) return `${shown} | `;
    const code = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? 36;
    colours.set(name, code);
    return `\x1b[${code}m${shown} |\x1b[0m `;
  };
  return lineOutput({
    mask,
    // A carriage return within a line would write over its prefix.
    line: (name, stream, line) => sinks[stream](`${prefix(name)}${line.replace(/\r+$/, '').replace(/^.*\r/, '')}\n`),
    say: (line) => void sinks.stderr(`${line}\n`),
  });
}
