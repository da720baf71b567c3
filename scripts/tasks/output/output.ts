// Where the output of actions goes: whole for each action, the oldest one live, so that parallel ones do not mix.

import type { Mask } from './mask.ts';
import { Spill } from './spill.ts';

/** The streams of this process, as far as they are used. */
export interface Sinks {
  stdout: (chunk: Buffer | string) => Promise<void> | undefined;
  stderr: (chunk: Buffer | string) => Promise<void> | undefined;
}

/** The output of one action. */
export interface Channel {
  write(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> | undefined;
  /** No more comes. */
  end(): void;
}

export interface Output {
  /** @param background its output waits until it ends, since that may be long */
  open(name: string, options: { mute: boolean; background: boolean }): Channel;
  /** A line of hoist's own. */
  say(line: string): void;
  /** Shows nothing until the returned function is called: the terminal belongs to somebody else. */
  hold(): () => void;
  /** Shows everything that still waits. */
  flush(): void;
  /** The action whose output was shown last. */
  lastShown(): string | undefined;
}

/** Markers that a CI folds the output of an action by. */
export interface Markers {
  open(name: string): string;
  close(name: string): string;
}

export interface GroupedOptions {
  sinks: Sinks;
  mask: Mask;
  /** A line before the output of each action; none where quiet is wished. */
  heading: ((name: string) => string) | undefined;
  markers?: Markers | undefined;
}

interface Open {
  name: string;
  background: boolean;
  held: Spill;
  ended: boolean;
  live: boolean;
  begun: boolean;
}

/** Actions in the order in which they started: the first that has not ended is shown as it writes, the others wait. */
export function groupedOutput(options: GroupedOptions): Output {
  const { sinks, mask, heading, markers } = options;
  const queue: Open[] = [];
  const said: string[] = [];
  let holds = 0;
  let last: string | undefined;

  const begin = (one: Open): void => {
    if (one.begun) return;
    one.begun = true;
    if (markers) void sinks.stdout(markers.open(mask.text(one.name)));
    else if (heading) void sinks.stderr(heading(mask.text(one.name)));
  };
  const show = (one: Open): void => {
    begin(one);
    one.live = true;
    one.held.drain((stream, chunk) => {
      last = one.name;
      void sinks[stream](chunk);
    });
  };
  const finish = (one: Open): void => {
    show(one);
    if (markers) void sinks.stdout(markers.close(one.name));
    queue.splice(queue.indexOf(one), 1);
  };
  /** Shows what may be shown now. */
  const advance = (): void => {
    while (holds === 0) {
      const live = queue.find(({ live }) => live);
      if (live !== undefined) {
        if (!live.ended) return;
        finish(live);
        continue;
      }
      const next = queue.find(({ background, ended }) => ended || !background);
      if (next === undefined) return;
      if (next.ended) finish(next);
      else {
        show(next);
        return;
      }
    }
  };

  return {
    open(name, { mute, background }) {
      const one: Open = { name, background, held: new Spill(), ended: false, live: false, begun: false };
      queue.push(one);
      advance();
      const masks = { stdout: mask.stream(), stderr: mask.stream() };
      const put = (stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> | undefined => {
        if (chunk.length === 0) return undefined;
        if (one.live && holds === 0) {
          last = name;
          return sinks[stream](chunk);
        }
        one.held.add(stream, chunk);
        return undefined;
      };
      return {
        write: (stream, chunk) => (mute ? undefined : put(stream, masks[stream].push(chunk))),
        end() {
          if (one.ended) return;
          for (const stream of ['stdout', 'stderr'] as const) if (!mute) void put(stream, masks[stream].flush());
          one.ended = true;
          advance();
        },
      };
    },
    say(line) {
      if (holds > 0) said.push(line);
      else void sinks.stderr(`${mask.text(line)}\n`);
    },
    hold() {
      holds++;
      return () => {
        if (--holds > 0) return;
        for (const line of said.splice(0)) void sinks.stderr(`${mask.text(line)}\n`);
        for (const one of queue) if (one.live) show(one);
        advance();
      };
    },
    flush() {
      for (const one of [...queue]) one.ended = true;
      advance();
    },
    lastShown: () => last,
  };
}
