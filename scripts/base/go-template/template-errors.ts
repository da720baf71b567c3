// What goes wrong in a template: at a place of its text, or in a call whose place the evaluation adds.

/** A place in a template: `offset` in characters from 0, `line` from 1. */
export interface Place {
  offset: number;
  line: number;
}

/** A template that cannot be parsed or evaluated. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** Characters from the start of the text. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;

  constructor(
    message: string,
    { offset, line }: Place,
    /** The part of the text that the message is about. */
    readonly part: string,
  ) {
    super(message);
    this.offset = offset;
    this.line = line;
  }
}

/** A function or a field was used in a way that it does not take; becomes a TemplateError with its place. */
export class CallError extends Error {}
