// The engine for what V8 cannot match faithfully or in time: RE2 in JavaScript, linear in the length of the text.

import { createRequire } from 'node:module';
import type * as re2js from 're2js';

/** Loaded at its first use: most patterns never need it, and it costs 40 ms. */
function load(): typeof re2js.RE2JS {
  const require = createRequire(import.meta.url);
  return (require('re2js') as typeof re2js).RE2JS;
}

let loaded: typeof re2js.RE2JS | undefined;

/** Where the groups of a match begin and end; [-1, -1] for a group that is not part of it. */
export type Spans = (readonly [start: number, end: number])[];

/** A search from a place on, in linear time. `pattern` must not name a group. */
export function linearSearch(pattern: string): (text: string, from: number) => Spans | undefined {
  loaded ??= load();
  const compiled = loaded.compile(pattern);
  return (text, from) => {
    const matcher = compiled.matcher(text);
    if (!matcher.find(from)) return undefined;
    const spans: Spans = [];
    for (let group = 0; group <= matcher.groupCount(); group++) spans.push([matcher.start(group), matcher.end(group)]);
    return spans;
  };
}
