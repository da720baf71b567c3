// What the page of a bundle is given: redacted text and numbers alone.

export interface PageCheck {
  outcome: 'pass' | 'warn' | 'fail';
  title: string;
  message: string;
  uri: string;
}

export interface PageCollector {
  title: string;
  outcome: string;
  /** ms since the start of the run; undefined where it never ran. */
  startedMs: number | undefined;
  endedMs: number | undefined;
  files: number;
  words: readonly string[];
}

export interface PageObject {
  kind: string;
  namespace: string;
  name: string;
  state: string;
  /** Whether something is wrong with it. */
  bad: boolean;
  /** ISO 8601, or empty. */
  created: string;
}

export interface PageEvent {
  /** ISO 8601, or empty. */
  at: string;
  type: string;
  namespace: string;
  object: string;
  reason: string;
  message: string;
  count: number;
}

export interface PageLog {
  path: string;
  /** Bytes of all of it. */
  size: number;
  /** Its end. */
  end: string;
}

export interface PageData {
  name: string;
  /** ISO 8601. */
  madeAt: string;
  wallMs: number;
  /** Why the run ended early; empty where it did not. */
  stopped: string;
  checks: readonly PageCheck[];
  collectors: readonly PageCollector[];
  objects: readonly PageObject[];
  events: readonly PageEvent[];
  logs: readonly PageLog[];
  /** What is not in the bundle, or not on the page. */
  notes: readonly string[];
}
