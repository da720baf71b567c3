// The settings as rows of name, value and source: for the plan and for the record.

import type { LoadedSettings } from '../settings/load.ts';

export interface SettingRow {
  /** Dotted path. */
  name: string;
  value: unknown;
  source: string;
}

/** One row a setting that has a value; lists and free-form maps stay whole. */
export function settingRows({ settings, sourceOf }: LoadedSettings): SettingRow[] {
  const rows: SettingRow[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    const branch =
      ['k3d', 'resources', 'componentArgs', 'hooks', 'existing'].includes(path.join('.')) || path.length === 0;
    if (branch && typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    } else if (value !== undefined) {
      rows.push({ name: path.join('.'), value, source: sourceOf(path) });
    }
  };
  walk(settings, []);
  return rows;
}
