// A small terminal: keeps what is on screen after text, line feeds and the cursor movements that a display uses.

import stringWidth from 'string-width';
import type { Terminal } from '../../scripts/progress/terminal.ts';

const SEQUENCE = /\x1b\[(\??)(\d*)([A-Za-z])|\r|\n|[^\x1b\r\n]/gu;

export class Screen implements Terminal {
  readonly isTTY = true;
  cursorVisible = true;
  wraps = true;
  /** Everything that was written, one entry a write. */
  readonly writes: string[] = [];
  private cells: string[][] = [[]];
  private x = 0;
  private y = 0;

  constructor(
    public columns: number,
    public rows: number,
    readonly colour = false,
    readonly unicode = true,
  ) {}

  write(text: string): void {
    this.writes.push(text);
    for (const [token, mode = '', number = '', command] of text.matchAll(SEQUENCE)) {
      if (command !== undefined) this.control(mode + command, number === '' ? undefined : Number(number));
      else if (token === '\r') this.x = 0;
      else if (token === '\n') this.feed();
      else this.put(token);
    }
  }

  /** The lines from the first to the last that is not empty; wrapped lines are several. */
  get lines(): string[] {
    return this.cells
      .map((row) => row.join('').trimEnd())
      .join('\n')
      .trimEnd()
      .split('\n');
  }

  private control(command: string, number: number | undefined): void {
    if (command === 'A') this.y = Math.max(0, this.y - (number ?? 1));
    else if (command === 'G') this.x = (number ?? 1) - 1;
    else if (command === 'K') this.clearRow(number ?? 0);
    else if (command === 'J' && (number ?? 0) === 0) {
      this.clearRow(0);
      this.cells.length = this.y + 1;
    } else if (command === '?h' || command === '?l') this.mode(number, command === '?h');
    else if (command !== 'm') throw new Error(`the screen knows no sequence ${command}`);
  }

  private mode(number: number | undefined, on: boolean): void {
    if (number === 25) this.cursorVisible = on;
    else if (number === 7) this.wraps = on;
    else throw new Error(`the screen knows no mode ${String(number)}`);
  }

  private clearRow(which: number): void {
    if (which === 1) throw new Error('the screen does not clear to the left');
    this.row().length = which === 2 ? 0 : Math.min(this.x, this.row().length);
  }

  private put(character: string): void {
    const width = stringWidth(character);
    if (this.x + width > this.columns) {
      if (!this.wraps) return;
      this.feed();
    }
    const row = this.row();
    while (row.length < this.x) row.push(' ');
    row.splice(this.x, width, character, ...Array.from({ length: width - 1 }, () => ''));
    this.x += width;
  }

  /** As a terminal in cooked mode does it: to the start of the next line. */
  private feed(): void {
    this.y++;
    this.x = 0;
    this.row();
  }

  private row(): string[] {
    while (this.cells.length <= this.y) this.cells.push([]);
    return this.cells[this.y] ?? [];
  }
}
