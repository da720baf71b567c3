// Text of others (servers, files, programs) on its way to a terminal, a log or a page: it may say anything and do nothing.

/**
 * Escape sequences as ECMA-48 has them: control sequences, strings such as titles, links and the clipboard, and single
 * ones. A string that is not ended goes to the end of its line.
 */
const SEQUENCE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;

/** Characters that change the order of the text around them, or cannot be seen: a name could look like another one. */
const UNSEEN = String.raw`\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}`;
const DANGEROUS = new RegExp(String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f${UNSEEN}]`, 'u');
const REMOVED = new RegExp(String.raw`[\x00-\x08\x0b-\x1f\x7f-\x9f${UNSEEN}]+`, 'gu');

/** The styles that hoist itself writes: bold, dim, red, green, yellow, and their ends. */
const STYLE = /(\x1b\[(?:1|2|22|31|32|33|39)m)/;

/** Without escape sequences, control characters and what hides or turns text; lines and tabs stay. */
export function harmless(text: string): string {
  if (!DANGEROUS.test(text)) return text;
  // A carriage return would let what follows it hide what stands before it.
  return text.replaceAll('\r\n', '\n').replace(SEQUENCE, '').replaceAll('\r', ' ').replace(REMOVED, '');
}

/** One harmless line: a message of others within a sentence of hoist's. */
export function oneLine(text: string): string {
  const [first = '', ...others] = harmless(text).replaceAll('\t', '  ').split('\n');
  return [first.trimEnd(), ...others.map((line) => line.trim()).filter((line) => line !== '')].join(' ').trimEnd();
}

/**
 * All of the text, each character that a terminal obeys or hides written as `\xNN` or `\u{NNNN}`: where a reader must see
 * everything that would be run, nothing may be left out. Lines and tabs stay.
 */
export function visible(text: string): string {
  if (!DANGEROUS.test(text)) return text;
  return text.replace(REMOVED, (run) =>
    Array.from(run, (one) => {
      const code = (one.codePointAt(0) ?? 0).toString(16);
      return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`;
    }).join(''),
  );
}

/** What a program wrote last onto its line, as a harmless one: a progress display redraws it by carriage returns. */
export function lastWritten(text: string): string {
  const parts = text.split(/\r(?!\n)/).map(oneLine);
  return parts.findLast((part) => part.trim() !== '') ?? '';
}

/**
 * The last guard before a stream: whatever a line is made of, of all that a terminal obeys only hoist's own styles are
 * left. What looks like a line of JSON keeps all its characters, written as `\uXXXX`.
 */
export function forStream(text: string): string {
  if (!DANGEROUS.test(text)) return text;
  if (/^[{[]"?[^]*[}\]]\n?$/.test(text)) return text.replace(REMOVED, escaped);
  return text
    .split(STYLE)
    .map((part, i) => (i % 2 === 1 ? part : harmless(part)))
    .join('');
}

/** Any colour and style. */
const ANY_STYLE = /(\x1b\[[\d;:]*m)/;

/** Without what a terminal obeys, but for colours and styles, which end with the text: what a user's own program writes. */
export function coloured(text: string): string {
  if (!DANGEROUS.test(text)) return text;
  const shown = painted(text);
  return ANY_STYLE.test(shown) ? `${shown}\x1b[0m` : shown;
}

/** As `coloured`, of a part of a text: styles go on. */
export function painted(text: string): string {
  if (!DANGEROUS.test(text)) return text;
  return text
    .split(ANY_STYLE)
    .map((part, i) => (i % 2 === 1 ? part : harmless(part)))
    .join('');
}

/** The text, or its beginning where it is longer, with a word about the rest. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}… (${text.length} characters)`;
}

function escaped(characters: string): string {
  return Array.from(
    { length: characters.length },
    (_, i) => `\\u${characters.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
