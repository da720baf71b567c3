// JSON without loss: integers that JavaScript cannot hold are BigInts, read and written digit by digit.

/** `JSON.stringify`, with BigInts as the integers that they are. */
export function stringifyExact(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // It throws for a BigInt, and for what refers to itself, which no text that was parsed does.
    if (error instanceof TypeError && error.message.includes('BigInt')) return write(value);
    throw error;
  }
}

function write(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => (item === undefined ? 'null' : write(item))).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(',')}}`;
}

const token = /"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/g;

/** `JSON.parse`, with integers that JavaScript cannot hold as BigInts. @throws SyntaxError */
export function parseExact(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as unknown;
  // Checked before anything is changed, so that places in errors are those of the text.
  JSON.parse(text);
  const mark = unusedMark(text);
  const marked = text.replaceAll(token, (found) =>
    /^-?[0-9]+$/.test(found) && !Number.isSafeInteger(Number(found)) ? `"${mark}${found}"` : found,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as unknown;
}

/** A text that is in no string of the document, written plainly or escaped. */
function unusedMark(text: string): string {
  const plain = text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  let mark = 'int:';
  while (plain.includes(mark)) mark += ':';
  return mark;
}
