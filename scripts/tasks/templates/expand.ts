// Replaces `${NAME}` in texts that no shell sees: include locations, inputs, folders, environment entries.

const REFERENCE = /\$\{(.*?)\}/g;

/** One pass; names that `lookup` does not know stay as they are. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(REFERENCE, (whole, name: string) => lookup(name) ?? whole);
}

/** The names in `${NAME}`, with their offsets. */
export function namesIn(text: string): { name: string; offset: number }[] {
  return [...text.matchAll(REFERENCE)].map((match) => ({ name: match[1] ?? '', offset: match.index }));
}
