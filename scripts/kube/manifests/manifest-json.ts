// Parses a JSON manifest file and finds the place of what is wrong in it.

import { messageOf } from '../../base/errors.ts';
import { parseExact } from './exact-json.ts';
import type { Parts } from './manifest.ts';

/** One document; none where the text is blank. */
export async function readJsonText(text: string, file: string): Promise<Parts> {
  // Windows editors begin a file with a byte order mark.
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') return { parts: [], problems: [] };
  try {
    return { parts: [{ value: finite(parseExact(body)), where: `${file}:1:1` }], problems: [] };
  } catch (error) {
    const before = body.slice(0, await offsetOf(body));
    const column = before.length - before.lastIndexOf('\n');
    // The engine's message quotes the text around, which may be a secret.
    const what = /^[^"]*?(?=,? (?:"|\.\.\.|in JSON)|$)/.exec(messageOf(error))?.[0] ?? '';
    const where = `${file}:${before.split('\n').length}:${column}`;
    return { parts: [], problems: [{ where, message: `is not JSON: ${what}` }] };
  }
}

/** Numbers like 1e400 are JSON, but no JavaScript and no server can hold them. */
function finite(value: unknown): unknown {
  if (value === Infinity || value === -Infinity) throw new RangeError('a number is too large');
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) finite(inner);
  return value;
}

/** Where the text stops being JSON. Not each message of the engine says it, but JSON is a part of YAML. */
async function offsetOf(text: string): Promise<number> {
  const { parseDocument } = await import('yaml');
  const [first] = parseDocument(text, { schema: 'json' }).errors;
  return first?.pos[0] ?? text.trimEnd().length;
}
