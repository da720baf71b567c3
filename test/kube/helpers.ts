// Small helpers of the tests in this folder.

/** The error of that class that the promise rejects with; anything else fails the test. */
export async function thrown<T extends Error>(
  kind: abstract new (...args: never[]) => T,
  promise: Promise<unknown>,
): Promise<T> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`no ${kind.name} was thrown`);
}

/** All lines of a stream; `onBatch` is called after each batch with those so far. */
export async function drain(
  batches: AsyncIterable<string[]>,
  onBatch: (lines: readonly string[]) => void = () => undefined,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of batches) {
    lines.push(...batch);
    onBatch(lines);
  }
  return lines;
}
