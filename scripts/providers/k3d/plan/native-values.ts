// What a config of k3d's own format says, value by value, for `up --plan`.

import type { NativeConfig } from '../../../settings/k3d/native.ts';
import type { PlannedValue } from '../../provider.ts';

/** Said otherwise: by the command line, or argument by argument. */
const ELSEWHERE = ['apiVersion', 'kind', 'metadata', 'options.k3s.extraArgs'];
const SECRET = /token|password|secret/i;

/** All values but those that are noted already. What may be secret is not shown, nor the text of files. */
export function nativeValues(native: NativeConfig, noted: readonly PlannedValue[]): PlannedValue[] {
  const known = new Set([...ELSEWHERE, ...noted.map(({ name }) => name)]);
  const values: PlannedValue[] = [];
  const add = (name: string, path: readonly (string | number)[], value: unknown): void => {
    const source = native.sourceOf(path);
    if (known.has(name)) return;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
      if (value.length > 0) values.push({ name, value: value.join(', '), source: source ?? '' });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        const item = Array.isArray(value);
        add(
          item ? `${name}[${key}]` : [name, key].filter(Boolean).join('.'),
          [...path, item ? Number(key) : key],
          below,
        );
      }
    } else {
      values.push({ name, value: shown(name, value), source: source ?? '' });
    }
  };
  add('', [], native.tree);
  return values;
}

function shown(name: string, value: unknown): string {
  const text = String(value);
  if (SECRET.test(name)) return '(not shown)';
  if (name.endsWith('.envVar')) return `${text.split('=')[0] ?? ''}=(not shown)`;
  const lines = text.trimEnd().split('\n').length;
  return lines > 1 ? `${lines} lines` : text;
}
