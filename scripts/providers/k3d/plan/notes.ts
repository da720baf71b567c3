// What is noted while a plan is made: values with their sources, problems, warnings.

import type { Problem } from '../../../base/errors.ts';
import type { NativeConfig } from '../../../settings/k3d/native.ts';
import type { PlannedValue } from '../../provider.ts';

export class PlanNotes {
  readonly values: PlannedValue[] = [];
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly #native: NativeConfig | undefined;

  constructor(native: NativeConfig | undefined) {
    this.#native = native;
  }

  /**
   * Notes a value and gives it back; nothing is noted of what is undefined.
   * @param key as k3d's own config has it; where the native config says it, that is its source.
   */
  value<T>(key: string, value: T, source: string): T {
    if (value !== undefined) {
      this.values.push({ name: key, value: String(value), source: this.#native?.sourceOf(key.split('.')) ?? source });
    }
    return value;
  }
}
