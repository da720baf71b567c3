// What `compare` takes, and what it gives back.

import type { RegressionError } from '../../base/errors.ts';
import type { Tool } from '../record.ts';

/** Everything that `compare` can be asked for; nothing here is read from argv or the environment. */
export interface CompareOptions {
  /** None lists the newest runs, one describes its runs, two are compared. See `selectRuns` for what they may be. */
  selectors: readonly string[];
  /** The benchmark log, or its directory. */
  log: string;
  output: 'text' | 'json' | 'markdown';
  /** Runs of which tool; where not given, those of `up` are compared and those of all are listed. */
  tool?: Tool | undefined;
  /** A percentage such as `10%`. */
  failOnRegression?: string | undefined;
  /** Keep only the newest so many records of the log; done before anything else. */
  prune?: number | undefined;
  /** Files to write: a page to look at, a Chrome trace, hyperfine's JSON. */
  report?: string | undefined;
  trace?: string | undefined;
  hyperfine?: string | undefined;
}

export interface CompareResult {
  /** What belongs on stdout, ending with a newline. */
  text: string;
  /** Remarks for stderr: skipped records, files written. */
  notes: string[];
  /** To end with, after `text` was printed. */
  regression?: RegressionError | undefined;
}
