// Reads the notation of keys.ts, and compares a node of a spec with it.

/** What a node may be. */
export type Schema =
  | { type: 'text' | 'int' | 'bool' | 'any' }
  | { type: 'list'; of: Schema }
  | { type: 'keys'; keys: ReadonlyMap<string, Schema> };

export interface Mismatch {
  path: readonly (string | number)[];
  /**
   * `key`: the last part of the path is no key that is known here; `template`: it has not been rendered; `word`: a text that
   * YAML 1.1 takes for a boolean where it has no quotes.
   */
  kind: 'key' | 'type' | 'template' | 'word';
  /** What was expected; of a key, those that are known. */
  expected: readonly string[];
}

/** The schema of a mapping whose keys are written in the notation. */
export function keySchema(...notations: readonly string[]): Schema {
  const keys = new Map<string, Schema>();
  for (const notation of notations) for (const [key, schema] of parse(notation)) keys.set(key, schema);
  return { type: 'keys', keys };
}

function parse(notation: string): Map<string, Schema> {
  let at = 0;
  const read = (): Map<string, Schema> => {
    const keys = new Map<string, Schema>();
    while (at < notation.length && notation[at] !== '}') {
      if (notation[at] === ' ') {
        at++;
        continue;
      }
      const name = /^\w+/.exec(notation.slice(at))?.[0];
      if (name === undefined) throw new Error(`no key at ${at} of "${notation}"`);
      at += name.length;
      keys.set(name, suffix());
    }
    return keys;
  };
  const suffix = (): Schema => {
    if (notation.startsWith('[]', at)) {
      at += 2;
      return { type: 'list', of: suffix() };
    }
    if (notation[at] === '{') {
      at++;
      const keys = read();
      at++;
      return { type: 'keys', keys };
    }
    if (notation[at] === '*') {
      at++;
      return { type: 'any' };
    }
    const type = /^:(int|bool)/.exec(notation.slice(at))?.[1];
    if (type === undefined) return { type: 'text' };
    at += type.length + 1;
    return { type: type === 'int' ? 'int' : 'bool' };
  };
  return read();
}

/** All differences, not only the first; null counts as not given. */
export function mismatches(value: unknown, schema: Schema, path: readonly (string | number)[] = []): Mismatch[] {
  if (value === null || value === undefined) return [];
  const wrong = (expected: string): Mismatch[] => [{ path, kind: 'type', expected: [expected] }];
  switch (schema.type) {
    case 'any':
      return [];
    case 'text':
      if (typeof value === 'string' && WORDS.test(value)) return [{ path, kind: 'word', expected: [] }];
      return typeof value === 'object' ? wrong('a text') : [];
    case 'int':
      return Number.isInteger(typeof value === 'string' ? Number(value) : value) ? [] : wrong('a whole number');
    case 'bool':
      if (typeof value === 'string' && value.includes('{{')) return [{ path, kind: 'template', expected: [] }];
      return parseBool(value) === undefined ? wrong('true or false') : [];
    case 'list':
      if (!Array.isArray(value)) return wrong('a list');
      return value.flatMap((item, i) => mismatches(item, schema.of, [...path, i]));
    case 'keys':
      if (typeof value !== 'object' || Array.isArray(value)) return wrong('a mapping');
      return Object.entries(value).flatMap(([key, below]): Mismatch[] => {
        const known = schema.keys.get(key);
        if (known) return mismatches(below, known, [...path, key]);
        return [{ path: [...path, key], kind: 'key', expected: [...schema.keys.keys()] }];
      });
  }
}

const WORDS = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;

const YES = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const NO = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False', '']);

/** A boolean, or a word that Go's ParseBool takes; undefined for anything else. */
export function parseBool(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const word = String(value);
  return YES.has(word) ? true : NO.has(word) ? false : undefined;
}
