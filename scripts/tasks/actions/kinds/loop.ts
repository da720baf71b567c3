// The turns of a `for`: over a list, the words of a text, or all combinations of a matrix.

import type { Loop } from '../../file/model.ts';
import type { Text } from '../../file/source.ts';
import type { Item } from '../flow.ts';
import { HoistError } from '../../../base/errors.ts';

/** More turns than anybody means. */
const MOST = 10_000;

/** @param read evaluates the templates of a text. @throws HoistError for more than 10,000 turns */
export function itemsOfLoop(loop: Loop, read: (text: Text) => string): Item[] {
  switch (loop.kind) {
    case 'list':
      return bounded(loop.items.map(read));
    case 'text':
      return bounded(words(read(loop.text)));
    case 'matrix': {
      let rows: ReadonlyMap<string, string>[] = [new Map()];
      for (const [name, axis] of loop.axes) {
        const values = 'value' in axis ? words(read(axis)) : axis.map(read);
        rows = bounded(rows.flatMap((row) => values.map((value) => new Map([...row, [name, value]]))));
      }
      return loop.axes.size === 0 ? [] : rows;
    }
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function bounded<T>(items: T[]): T[] {
  if (items.length > MOST) throw new HoistError(`"for" has ${items.length} turns; at most ${MOST} are allowed`);
  return items;
}

/** For labels: `linux`, or `linux, arm64`. */
export function itemLabel(item: Item): string {
  return typeof item === 'string' ? item : [...item.values()].join(', ');
}
