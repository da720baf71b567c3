// What a promise rejects with, as a text.

/** The message; empty where it does not reject. */
export function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
