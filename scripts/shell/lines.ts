// Cuts the output of processes into lines, each stream for itself.

import { StringDecoder } from 'node:string_decoder';

export class Lines {
  readonly #streams = new Map<string, { decoder: StringDecoder; rest: string }>();

  constructor(private readonly emit: (line: string) => void) {}

  push(stream: string, chunk: Uint8Array): void {
    const known = this.#streams.get(stream);
    const state = known ?? { decoder: new StringDecoder('utf8'), rest: '' };
    if (!known) this.#streams.set(stream, state);
    const parts = (state.rest + state.decoder.write(Buffer.from(chunk))).split('\n');
    state.rest = parts.pop() ?? '';
    for (const line of parts) this.emit(shown(line));
  }

  /** Emits what no end of line came for. */
  end(): void {
    for (const { decoder, rest } of this.#streams.values()) {
      const last = rest + decoder.end();
      if (last !== '') this.emit(shown(last));
    }
    this.#streams.clear();
  }
}

/** Of a line that was written over again and again, as progress bars do, what a terminal would show at last. */
function shown(line: string): string {
  return line.replace(/\r$/, '').replace(/^.*\r/s, '');
}
