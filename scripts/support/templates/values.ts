// The values that templates are rendered with: files, and single ones as Helm's --set writes them.

import { resolve } from 'node:path';
import { readTextBounded } from '../../host/files/bounded.ts';
import { parse } from 'yaml';
import { ConfigError, type Problem, reasonOf } from '../../base/errors.ts';

type Values = Record<string, unknown>;

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Later files over earlier ones, single values over all of them.
 * @throws ConfigError with all that cannot be read.
 */
export async function readValues(files: readonly string[], sets: readonly string[], cwd: string): Promise<Values> {
  const problems: Problem[] = [];
  let values: Values = {};
  for (const file of files) {
    try {
      const read: unknown = parse(await readTextBounded(resolve(cwd, file)));
      if (isMap(read)) values = laid(values, read);
      else if (read !== null) problems.push({ where: file, message: 'is no mapping' });
    } catch (error) {
      problems.push({ where: file, message: `cannot be read: ${reasonOf(error)}` });
    }
  }
  for (const set of sets) {
    const at = set.indexOf('=');
    if (at < 1) problems.push({ where: '--set', message: `"${set}" is not KEY=VALUE` });
    else
      put(
        values,
        set
          .slice(0, at)
          .split(/(?<!\\)\./)
          .map((part) => part.replaceAll('\\.', '.')),
        typed(set.slice(at + 1)),
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

function laid(under: Values, over: Values): Values {
  const result: Values = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? laid(below, value) : value;
  }
  return result;
}

function put(values: Values, path: readonly string[], value: unknown): void {
  let at = values;
  for (const part of path.slice(0, -1)) {
    if (part === '__proto__') return;
    const below = Object.hasOwn(at, part) ? at[part] : undefined;
    const next = isMap(below) ? below : {};
    at[part] = next;
    at = next;
  }
  const last = path.at(-1);
  if (last !== undefined && last !== '__proto__') at[last] = value;
}

function typed(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
