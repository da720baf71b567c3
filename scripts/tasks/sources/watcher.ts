// Says that something has happened in some folders, once for a burst of changes.

import { type FSWatcher, watch } from 'node:fs';
import { HoistError, isErrno } from '../../base/errors.ts';
import type { Clock } from '../../engine/clock.ts';

/** Silence after which a burst of changes counts as over, in ms: an editor writes a file in several steps. */
const QUIET_MS = 100;

export class Watcher {
  readonly #watchers = new Map<string, FSWatcher>();
  #cancel: (() => void) | undefined;
  #happened = false;
  #wake: (() => void) | undefined;

  constructor(readonly clock: Clock) {}

  /** Looks at these folders, and no others any more. @throws HoistError where the system allows no more of them */
  look(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#open(folder);
  }

  /** Resolves after the next burst of changes, or after one that has been since the last call; rejects with the signal's reason. */
  async changed(signal: AbortSignal): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
    }
    this.#wake = undefined;
    this.#happened = false;
    signal.throwIfAborted();
  }

  close(): void {
    this.#cancel?.();
    this.look([]);
  }

  #open(folder: string): void {
    try {
      const watcher = watch(folder, () => this.#event());
      // Its folder has gone; the watcher of its parent reports that, too.
      watcher.on('error', () => this.#event());
      this.#watchers.set(folder, watcher);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      if (!isErrno(error, 'ENOSPC') && !isErrno(error, 'EMFILE')) throw error;
      throw new HoistError(`the system allows no more watches than ${this.#watchers.size} folders need`, {
        hint: 'Name fewer folders in `sources`, or raise fs.inotify.max_user_watches and max_user_instances.',
      });
    }
  }

  #event(): void {
    this.#cancel?.();
    this.#cancel = this.clock.after(QUIET_MS, () => {
      this.#happened = true;
      this.#wake?.();
    });
  }
}
