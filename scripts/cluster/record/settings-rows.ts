// The settings as rows of name, value and source: for the plan and for the record.

import { duration } from '../../base/units.ts';
import type { LoadedSettings } from '../../settings/load.ts';

export interface SettingRow {
  /** Dotted path. */
  name: string;
  value: unknown;
  source: string;
}

/** One row a setting that has a value; lists and free-form maps stay whole. */
export function settingRows({ settings, sourceOf, writtenAs }: LoadedSettings): SettingRow[] {
  const rows: SettingRow[] = [];
  // Durations and sizes are shown as they were written; defaults are shown with the unit of their kind.
  const shown = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value !== 'number') return value;
    const written = writtenAs(path);
    if (typeof written === 'string') return written;
    return /timeout$/i.test(path.at(-1) ?? '') ? duration(value) : value;
  };
  const walk = (value: unknown, path: readonly string[]): void => {
    const branch =
      ['k3d', 'resources', 'componentArgs', 'hooks', 'existing'].includes(path.join('.')) || path.length === 0;
    if (branch && typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    } else if (value !== undefined) {
      rows.push({ name: path.join('.'), value: shown(value, path), source: sourceOf(path) });
    }
  };
  walk(settings, []);
  return rows;
}
