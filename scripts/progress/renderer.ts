// What a renderer is: a subscriber that can be closed, and what is given to each.

import type { Clock } from '../engine/clock.ts';
import type { Subscriber } from '../engine/event.ts';
import type { Terminal } from './terminal.ts';

export interface Renderer {
  readonly onEvent: Subscriber;
  /** Shows what is still unshown, stops all timers and restores the terminal. May be called more than once. */
  close: () => void;
}

export interface RenderOptions {
  terminal: Terminal;
  clock: Clock;
  /** Also shows what steps write, and each step that ended. */
  verbose: boolean;
}
