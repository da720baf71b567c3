// Character classes of Go's regular expressions as ranges of code points, with Go's rules for folding case.

/** Sorted or not, inclusive ranges of code points: lo, hi, lo, hi … */
export type Ranges = readonly number[];

export const MAX_RUNE = 0x10ffff;

const DIGIT: Ranges = [0x30, 0x39];
const UPPER: Ranges = [0x41, 0x5a];
const LOWER: Ranges = [0x61, 0x7a];
const WORD: Ranges = [...DIGIT, ...UPPER, 0x5f, 0x5f, ...LOWER];

/** `\d`, `\s` and `\w` are ASCII in Go, and `\s` has no vertical tab. */
export const PERL: Readonly<Record<string, Ranges>> = {
  d: DIGIT,
  s: [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20],
  w: WORD,
};

/** The names between `[:` and `:]`. */
export const POSIX: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  ['alnum', [...DIGIT, ...UPPER, ...LOWER]],
  ['alpha', [...UPPER, ...LOWER]],
  ['ascii', [0x00, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0x00, 0x1f, 0x7f, 0x7f]],
  ['digit', DIGIT],
  ['graph', [0x21, 0x7e]],
  ['lower', LOWER],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', UPPER],
  ['word', WORD],
  ['xdigit', [...DIGIT, 0x41, 0x46, 0x61, 0x66]],
]);

/** Sorted and merged. */
export function clean(ranges: Ranges): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i + 1 < ranges.length; i += 2) pairs.push([ranges[i] ?? 0, ranges[i + 1] ?? 0]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [lo, hi] of pairs) {
    const last = out.length - 1;
    const end = out[last];
    if (end !== undefined && lo <= end + 1) out[last] = Math.max(end, hi);
    else out.push(lo, hi);
  }
  return out;
}

/** Every code point that is not in `ranges`. */
export function negate(ranges: Ranges): number[] {
  const out: number[] = [];
  let next = 0;
  const sorted = clean(ranges);
  for (let i = 0; i + 1 < sorted.length; i += 2) {
    const lo = sorted[i] ?? 0;
    if (next < lo) out.push(next, lo - 1);
    next = (sorted[i + 1] ?? 0) + 1;
  }
  if (next <= MAX_RUNE) out.push(next, MAX_RUNE);
  return out;
}

let orbits: ReadonlyMap<number, readonly number[]> | undefined;

/**
 * Code points that are equal but for their case, as Unicode's simple folding (and Go's `unicode.SimpleFold`) has them:
 * k, K and the Kelvin sign. The dotted and the dotless i have no other case.
 */
function foldOrbits(): ReadonlyMap<number, readonly number[]> {
  if (orbits) return orbits;
  const groups = new Map<number, number[]>();
  const join = (a: number, b: number): void => {
    const one = groups.get(a) ?? [a];
    const other = groups.get(b) ?? [b];
    if (one === other) return;
    const all = [...one, ...other];
    for (const c of all) groups.set(c, all);
  };
  for (let c = 0x41; c <= 0x1ffff; c++) {
    if (c === 0x130 || c === 0x131 || (c >= 0xd800 && c <= 0xdfff)) continue;
    const char = String.fromCodePoint(c);
    for (const other of [char.toLowerCase(), char.toUpperCase()]) {
      const to = other.codePointAt(0) ?? c;
      if (to !== c && other.length === (to > 0xffff ? 2 : 1)) join(c, to);
    }
  }
  orbits = groups;
  return groups;
}

/** `ranges` and whatever differs from them in case only. */
export function fold(ranges: Ranges): number[] {
  const out = [...ranges];
  let beyondAscii = false;
  for (let i = 0; i + 1 < ranges.length; i += 2) {
    const lo = ranges[i] ?? 0;
    const hi = ranges[i + 1] ?? 0;
    if (hi > 0x7f) beyondAscii = true;
    for (let c = Math.max(lo, 0x41); c <= Math.min(hi, 0x7a); c++) {
      if ((c | 0x20) < 0x61 || (c | 0x20) > 0x7a) continue;
      out.push(c ^ 0x20, c ^ 0x20);
      if ((c | 0x20) === 0x6b) out.push(0x212a, 0x212a);
      if ((c | 0x20) === 0x73) out.push(0x17f, 0x17f);
    }
  }
  if (beyondAscii) {
    const sorted = clean(ranges);
    for (const [c, orbit] of foldOrbits()) {
      if (contains(sorted, c)) for (const other of orbit) out.push(other, other);
    }
  }
  return clean(out);
}

/** Whether `c` is in sorted ranges. */
function contains(sorted: Ranges, c: number): boolean {
  let from = 0;
  let to = sorted.length / 2;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[2 * middle + 1] ?? 0) < c) from = middle + 1;
    else to = middle;
  }
  const lo = sorted[2 * from];
  return lo !== undefined && lo <= c;
}

/** V8's spelling of the Unicode class `name` (`L`, `Greek`, `Lowercase_Letter`), or undefined where there is none. */
export function unicodeProperty(name: string): string | undefined {
  const canonical = name
    .split(/[_ -]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase());
  const joined = canonical.join('');
  const flat = joined.charAt(0).toUpperCase() + joined.slice(1).toLowerCase();
  if (flat === 'Any' || flat === 'Assigned') return flat;
  if (flat === 'Ascii') return 'ASCII';
  if (flat === 'Lc') return 'LC';
  const underscored = canonical.join('_');
  const candidates = /^[A-Z][a-z]?$/.test(flat)
    ? [flat]
    : [`sc=${underscored}`, `sc=${flat}`, `gc=${underscored}`, ...scriptCandidates(flat), ...categoryCandidates(flat)];
  return candidates.find((candidate) => isProperty(candidate));
}

function isProperty(candidate: string): boolean {
  // Two-letter and four-letter codes of scripts are no names of Go's tables; Qaac and Zinh among them.
  if (/^sc=[A-Z][a-z]{3}$/.test(candidate) && !FOUR_LETTER_SCRIPTS.has(candidate.slice(3))) return false;
  try {
    return new RegExp(`\\p{${candidate}}`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Scripts whose whole name has four letters; all other names of four letters are ISO 15924 codes. */
const FOUR_LETTER_SCRIPTS: ReadonlySet<string> = new Set(['Cham', 'Kawi', 'Lisu', 'Miao', 'Thai', 'Toto', 'Vai', 'Yi']);

/** Names of several words, which may be written without what separates the words. */
const LONG_SCRIPTS =
  'Anatolian_Hieroglyphs Canadian_Aboriginal Caucasian_Albanian Cypro_Minoan Dives_Akuru Egyptian_Hieroglyphs ' +
  'Gunjala_Gondi Hanifi_Rohingya Imperial_Aramaic Inscriptional_Pahlavi Inscriptional_Parthian Kayah_Li ' +
  'Khitan_Small_Script Linear_A Linear_B Masaram_Gondi Meetei_Mayek Mende_Kikakui Meroitic_Cursive ' +
  'Meroitic_Hieroglyphs Nag_Mundari New_Tai_Lue Nyiakeng_Puachue_Hmong Ol_Chiki Old_Hungarian Old_Italic ' +
  'Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Pahawh_Hmong ' +
  'Pau_Cin_Hau Phags_Pa Psalter_Pahlavi Sora_Sompeng Syloti_Nagri Tai_Le Tai_Tham Tai_Viet Zanabazar_Square';

const LONG_CATEGORIES =
  'Cased_Letter Close_Punctuation Connector_Punctuation Control Currency_Symbol Dash_Punctuation Decimal_Number ' +
  'Enclosing_Mark Final_Punctuation Format Initial_Punctuation Letter Letter_Number Line_Separator ' +
  'Lowercase_Letter Mark Math_Symbol Modifier_Letter Modifier_Symbol Nonspacing_Mark Number Open_Punctuation Other ' +
  'Other_Letter Other_Number Other_Punctuation Other_Symbol Paragraph_Separator Private_Use Punctuation Separator ' +
  'Space_Separator Spacing_Mark Surrogate Symbol Titlecase_Letter Unassigned Uppercase_Letter';

const scriptCandidates = (flat: string): string[] => spelled(LONG_SCRIPTS, flat).map((name) => `sc=${name}`);
const categoryCandidates = (flat: string): string[] => spelled(LONG_CATEGORIES, flat).map((name) => `gc=${name}`);

function spelled(names: string, flat: string): string[] {
  const wanted = flat.toLowerCase();
  return names.split(' ').filter((name) => name.replaceAll('_', '').toLowerCase() === wanted);
}

const propertyRanges = new Map<string, number[]>();

/** The code points of a Unicode class, for where its case is to be folded: one pass over all of Unicode, kept. */
export function rangesOfProperty(property: string): number[] {
  const known = propertyRanges.get(property);
  if (known) return known;
  const pattern = new RegExp(`^\\p{${property}}$`, 'u');
  const ranges: number[] = [];
  let start = -1;
  for (let c = 0; c <= MAX_RUNE + 1; c++) {
    const inside = c <= MAX_RUNE && pattern.test(String.fromCodePoint(c));
    if (inside && start < 0) start = c;
    if (!inside && start >= 0) {
      ranges.push(start, c - 1);
      start = -1;
    }
  }
  propertyRanges.set(property, ranges);
  return ranges;
}
