/** The address of the bundle; undefined where there is none, or it is older than a source. */
export function freshBundle(): string | undefined;
