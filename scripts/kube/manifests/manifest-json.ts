// Parses a JSON manifest file and finds the place of what is wrong in it.

import { messageOf } from '../../base/errors.ts';
import type { Parts } from './manifest.ts';

/** One document; none where the text is blank. */
export async function readJsonText(text: string, file: string): Promise<Parts> {
  if (text.trim() === '') return { parts: [], problems: [] };
  try {
    return { parts: [{ value: JSON.parse(text) as unknown, where: `${file}:1:1` }], problems: [] };
  } catch (error) {
    const before = text.slice(0, await offsetOf(text));
    const column = before.length - before.lastIndexOf('\n');
    // The engine's message quotes the text around, which may be a secret.
    const what = /^[^"]*?(?=,? (?:"|\.\.\.|in JSON)|$)/.exec(messageOf(error))?.[0] ?? '';
    const where = `${file}:${before.split('\n').length}:${column}`;
    return { parts: [], problems: [{ where, message: `is not JSON: ${what}` }] };
  }
}

/** Where the text stops being JSON. Not each message of the engine says it, but JSON is a part of YAML. */
async function offsetOf(text: string): Promise<number> {
  const { parseDocument } = await import('yaml');
  const [first] = parseDocument(text, { schema: 'json' }).errors;
  return first?.pos[0] ?? text.trimEnd().length;
}
