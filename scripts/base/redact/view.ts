// What a rule sees of a text: a window of it as bytes in a string, and what is known of what stands before.

/** A part of a text that is to be hidden; positions are those of the window. */
export interface Span {
  start: number;
  end: number;
  /** The secret itself where its text differs from what stands there: unescaped, decoded. */
  value?: string;
  /** Whether what stands there is a bare number of JSON, for which a string has to stand. */
  bare?: boolean;
}

/** What a rule says of a place: nothing there, spans to hide, or that more text is needed to know. */
export type Match = undefined | { spans: readonly Span[]; resume: number } | { more: number; body?: BodyEnd };

/** How the rest of a secret ends that is too long to be held. */
export type BodyEnd = { kind: 'quote'; level: number } | { kind: 'pem' };

/** The window: characters are bytes (latin1), whatever the text's encoding is. */
export interface View {
  readonly text: string;
  /** Whether the text ends with the window. */
  readonly final: boolean;
  /** Whether this is a message for people and not a file: `secret: created` is no YAML then. */
  readonly prose: boolean;
  /** The last `kind:` of a Kubernetes object that was passed. */
  kind: string;
}

export interface Rule {
  name: string;
  /** The first three characters of what `find` looks for, in any case. */
  starts: readonly string[];
  /** `at` is where one of `starts` is. */
  find(view: View, at: number): Match;
}

/** Where a sticky pattern matches. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
