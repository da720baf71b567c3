// What a check before the run says: one row, good or bad, with what to do about it.

export interface Finding {
  /** What was looked at: `disk`, `port 8080`. */
  name: string;
  /** A `fail` would make the run fail later; a `warn` might. */
  status: 'ok' | 'warn' | 'fail';
  /** One sentence. */
  detail: string;
  /** What the reader can do; a `warn` and a `fail` have it. */
  hint?: string | undefined;
}

export const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail });
export const warn = (name: string, detail: string, hint: string): Finding => ({ name, status: 'warn', detail, hint });
export const fail = (name: string, detail: string, hint: string): Finding => ({ name, status: 'fail', detail, hint });
