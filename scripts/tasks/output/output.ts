// Where the output of actions goes: whole for each action, the oldest one live, so that parallel ones do not mix.

import type { Mask } from './mask.ts';
import { type Markers, TamedStream } from './markers.ts';
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
  /** Shows nothing until the returned function is called: the terminal belongs to another process. */
  hold(): () => void;
  /** Shows everything that still waits. */
  flush(): void;
  /** The action whose output was shown last. */
  lastShown(): string | undefined;
}

export interface GroupedOptions {
  sinks: Sinks;
  mask: Mask;
  /** A line before the output of each action; none where quiet is wished. */
  heading: ((name: string) => string) | undefined;
  /** Of the CI that shows the log. */
  ci?: Markers | undefined;
  /** Whether the CI is to fold what each action writes. */
  folded?: boolean;
}

type Stream = 'stdout' | 'stderr';
const STREAMS: readonly Stream[] = ['stdout', 'stderr'];

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
  return new GroupedOutput(options);
}

class GroupedOutput implements Output {
  readonly #queue: Open[] = [];
  readonly #said: string[] = [];
  #holds = 0;
  #last: string | undefined;

  constructor(readonly options: GroupedOptions) {}

  open(name: string, { mute, background }: Parameters<Output['open']>[1]): ReturnType<Output['open']> {
    const { mask, ci } = this.options;
    const one: Open = { name, background, held: new Spill(), ended: false, live: false, begun: false };
    this.#queue.push(one);
    this.#advance();
    const masks = { stdout: mask.stream(), stderr: mask.stream() };
    const tamed = ci && { stdout: new TamedStream(ci), stderr: new TamedStream(ci) };
    const put = (stream: Stream, chunk: Buffer): Promise<void> | undefined =>
      this.#put(one, stream, tamed === undefined ? chunk : tamed[stream].push(chunk));
    return {
      write: (stream, chunk) => (mute ? undefined : put(stream, masks[stream].push(chunk))),
      end: () => {
        if (one.ended) return;
        for (const stream of STREAMS) {
          if (mute) continue;
          void put(stream, masks[stream].flush());
          if (tamed) void this.#put(one, stream, tamed[stream].flush());
        }
        one.ended = true;
        this.#advance();
      },
    };
  }

  say(line: string): void {
    if (this.#holds > 0) this.#said.push(line);
    else this.#line(line);
  }

  hold(): () => void {
    this.#holds++;
    return () => {
      if (--this.#holds > 0) return;
      for (const line of this.#said.splice(0)) this.#line(line);
      for (const one of this.#queue) if (one.live) this.#show(one);
      this.#advance();
    };
  }

  flush(): void {
    for (const one of [...this.#queue]) one.ended = true;
    this.#advance();
  }

  lastShown(): string | undefined {
    return this.#last;
  }

  #line(line: string): void {
    void this.options.sinks.stderr(`${this.#own(line)}\n`);
  }

  /** A text of hoist's own, in which names and messages of others stand. */
  #own(text: string): string {
    const { mask, ci } = this.options;
    const masked = mask.text(text);
    return ci === undefined ? masked : ci.tame(masked);
  }

  #put(one: Open, stream: Stream, chunk: Buffer): Promise<void> | undefined {
    if (chunk.length === 0) return undefined;
    if (one.live && this.#holds === 0) {
      this.#last = one.name;
      return this.options.sinks[stream](chunk);
    }
    one.held.add(stream, chunk);
    return undefined;
  }

  #begin(one: Open): void {
    if (one.begun) return;
    one.begun = true;
    const { sinks, heading, ci, folded = false } = this.options;
    if (ci && folded) void sinks.stdout(ci.open(this.#own(one.name)));
    else if (heading) void sinks.stderr(heading(this.#own(one.name)));
  }

  #show(one: Open): void {
    this.#begin(one);
    one.live = true;
    one.held.drain((stream, chunk) => {
      this.#last = one.name;
      void this.options.sinks[stream](chunk);
    });
  }

  #finish(one: Open): void {
    const { sinks, ci, folded = false } = this.options;
    this.#show(one);
    if (ci && folded) void sinks.stdout(ci.close(this.#own(one.name)));
    this.#queue.splice(this.#queue.indexOf(one), 1);
  }

  /** Shows what may be shown now. */
  #advance(): void {
    while (this.#holds === 0) {
      const live = this.#queue.find((one) => one.live);
      if (live !== undefined) {
        if (!live.ended) return;
        this.#finish(live);
        continue;
      }
      const next = this.#queue.find(({ background, ended }) => ended || !background);
      if (next === undefined) return;
      if (next.ended) this.#finish(next);
      else {
        this.#show(next);
        return;
      }
    }
  }
}
