// Secrets whose values are known, in every form in which they can stand in a text.

/** Shorter values would hide words that are none. */
const SHORTEST = 4;
/** The shortest part of a base64 text that belongs to the secret alone. */
const SHORTEST_PART = 6;

/** A form of a secret as bytes in a string, and the secret itself. */
export interface Needle {
  form: string;
  secret: string;
}

/** Longest first, so that no rest of a form that contains another stays. */
export function needlesOf(values: Iterable<string>): Needle[] {
  const forms = new Map<string, string>();
  for (const value of values) {
    if (value.length < SHORTEST) continue;
    const secret = latin1(value);
    for (const form of formsOf(value)) if (!forms.has(form)) forms.set(form, secret);
  }
  return [...forms]
    .map(([form, secret]) => ({ form, secret }))
    .sort((a, b) => b.form.length - a.form.length || (a.form < b.form ? -1 : 1));
}

/** UTF-8 as bytes in a string. */
export const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function formsOf(value: string): Set<string> {
  // A log line quotes an answer that quotes an object, and each of them may be of another language.
  const once = inJson([value]);
  const twice = inJson(once);
  const texts = [
    value,
    ...once,
    ...twice,
    ...twice.map(escaped),
    ...ENTITIES.map((entities) => value.replace(/[&<>"']/g, (char) => entities[char] ?? char)),
    encoded(value),
    encoded(encoded(value)),
    encoded(value).replaceAll('%20', '+'),
    lowerEscapes(encoded(value)),
    encodeURI(wellFormed(value)),
    // Query strings of Go and of forms escape these, too.
    encoded(value).replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
    value.replaceAll("'", "''"),
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    ...value.split(/\r?\n/).filter((line) => line.trim().length >= 16),
  ];
  const forms = new Set(texts.map(latin1).filter((form) => form.length >= SHORTEST));
  for (const part of base64Parts(Buffer.from(value, 'utf8'))) {
    forms.add(part);
    // Base64 of base64, as in a Secret that holds a docker configuration.
    for (const nested of base64Parts(Buffer.from(part, 'latin1'))) forms.add(nested);
  }
  for (const part of base32Parts(Buffer.from(value, 'utf8'))) forms.add(part);
  // Dumps of bytes; and text in UTF-16 within what is none as a whole.
  const bytes = Buffer.from(value, 'utf8').toString('hex');
  const utf16 = Buffer.from(value, 'utf16le');
  for (const form of [
    bytes,
    bytes.toUpperCase(),
    utf16.toString('latin1'),
    Buffer.from(utf16).swap16().toString('latin1'),
  ])
    forms.add(form);
  // PowerShell's encoded commands.
  for (const part of base64Parts(Buffer.from(value, 'utf16le'))) forms.add(part);
  return forms;
}

const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
const encoded = (text: string): string => encodeURIComponent(wellFormed(text));
const lowerEscapes = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
const asGo = (text: string): string => text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

/** As Python does, which also escapes the last character of ASCII. */
const inAscii = (text: string): string =>
  text.replace(/[^\x00-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As JSON strings of every language: Go writes <, > and & as escapes, PHP slashes, Python and PHP all that is not ASCII. */
function inJson(texts: readonly string[]): string[] {
  const all = texts.map(escaped).flatMap((text) => {
    const slashes = text.replaceAll('/', '\\/');
    return [text, asGo(text), slashes, inAscii(text), inAscii(slashes)];
  });
  return [...new Set(all)];
}

/** As XML, Go, and Python write them; browsers and others leave quotes alone. */
const ENTITIES: readonly Readonly<Record<string, string>>[] = [
  { '&': '&amp;', '<': '&lt;', '>': '&gt;' },
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' },
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' },
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' },
];

/** What stands in base64 for these bytes, wherever they are in what was encoded. */
function base64Parts(bytes: Buffer): string[] {
  const whole = bytes.toString('base64');
  const parts = [whole, bytes.toString('base64url')];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = before === 0 ? 0 : before + 1;
    // The last character also holds bits of what follows.
    const rest = (before + bytes.length) % 3;
    const part = text.slice(from, rest === 0 ? undefined : -1);
    if (part.length >= SHORTEST_PART) parts.push(part, part.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return parts.filter((part) => part.length >= SHORTEST_PART);
}

/** What is written in it are passwords and keys of generators of codes. */
const LONGEST_BASE32 = 1024;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What stands in base32 for these bytes, wherever they are in what was encoded. */
function base32Parts(bytes: Buffer): string[] {
  const parts: string[] = [];
  if (bytes.length > LONGEST_BASE32) return parts;
  for (const before of [0, 1, 2, 3, 4]) {
    let bits = '0'.repeat(before * 8);
    for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
    let part = '';
    // Only characters of which all bits belong to the secret.
    for (let at = Math.ceil((before * 8) / 5) * 5; at + 5 <= bits.length; at += 5)
      part += BASE32.charAt(Number.parseInt(bits.slice(at, at + 5), 2));
    if (part.length >= SHORTEST_PART) parts.push(part, part.toLowerCase());
  }
  return parts;
}

/** Needles with the same start, so arranged that their number hardly counts: a thousand tokens may begin alike. */
class Bucket {
  readonly #byForm = new Map<string, Needle>();
  /** Of the forms, longest first. */
  #lengths: number[] = [];
  #sorted: string[] | undefined;

  add(needle: Needle): void {
    const { form } = needle;
    if (this.#byForm.has(form)) return;
    this.#byForm.set(form, needle);
    this.#sorted = undefined;
    if (!this.#lengths.includes(form.length)) this.#lengths = [...this.#lengths, form.length].sort((a, b) => b - a);
  }

  longestAt(text: string, at: number): Needle | undefined {
    for (const length of this.#lengths) {
      if (at + length > text.length) continue;
      const found = this.#byForm.get(text.slice(at, at + length));
      if (found) return found;
    }
    return undefined;
  }

  /** Whether one of them begins with it and goes on. */
  goesOn(start: string): boolean {
    this.#sorted ??= [...this.#byForm.keys()].sort((a, b) => (a < b ? -1 : 1));
    // The first that is greater is the only one that its neighbours identify.
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? '') <= start) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(start) === true;
  }
}

/** Finds needles by the first three characters of each; the time for that does not grow with their number. */
export class NeedleSet {
  longest = 0;
  readonly #byStart = new Map<number, Bucket>();
  /** Their first characters, and their first two. */
  readonly #shortStarts = new Set<string>();

  constructor(needles: Iterable<Needle> = []) {
    this.add(needles);
  }

  add(needles: Iterable<Needle>): void {
    for (const needle of needles) {
      const { form } = needle;
      const key = startOf(form, 0);
      let bucket = this.#byStart.get(key);
      if (!bucket) this.#byStart.set(key, (bucket = new Bucket()));
      bucket.add(needle);
      this.longest = Math.max(this.longest, form.length);
      this.#shortStarts.add(form.slice(0, 1)).add(form.slice(0, 2));
    }
  }

  get starts(): Iterable<number> {
    return this.#byStart.keys();
  }

  /** The longest needle that stands at `at`. */
  at(text: string, at: number): Needle | undefined {
    return this.#byStart.get(startOf(text, at))?.longestAt(text, at);
  }

  /** Whether the end of the text from `at` on is the start of a needle, which may go on in what follows. */
  mayBeginAt(text: string, at: number): boolean {
    if (text.length - at < 3) return this.#shortStarts.has(text.slice(at));
    return this.#byStart.get(startOf(text, at))?.goesOn(text.slice(at)) === true;
  }
}

/** Five bits of each of three characters: letters are the same in both cases. */
export const startOf = (text: string, at: number): number =>
  ((text.charCodeAt(at) & 31) << 10) | ((text.charCodeAt(at + 1) & 31) << 5) | (text.charCodeAt(at + 2) & 31);
