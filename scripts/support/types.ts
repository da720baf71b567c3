// What the parts of `collect` and `preflight` hand to each other: places, items of a spec, files of a bundle, results.

import type { Readable } from 'node:stream';
import type { Redactor as WholeRedactor } from '../base/redact/redactor.ts';

/** Where something stands in a spec; line and column start at 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** One collector or analyzer of a spec. */
export interface Item {
  /** The key that it stands under, like `logs` or `tcpPortStatus`. */
  kind: string;
  /** Whether it is about the host, not about the cluster. */
  host: boolean;
  /** Its keys and values, as the spec has them. */
  spec: Readonly<Record<string, unknown>>;
  place: Place;
  /** Where a node below `spec` stands; that of the nearest node above it where it has none of its own. */
  placeOf: (path: readonly (string | number)[]) => Place;
  /** Labels of the nodes that a host collector in pods is for; defaults to all nodes. */
  nodeSelector?: Readonly<Record<string, string>> | undefined;
}

export type Analyzer = Item;

/** One file on its way into a bundle; its path is relative to the bundle's root, with `/` between the parts. */
export interface BundleFile {
  path: string;
  content: Buffer | Readable;
  /** Of longer contents only the last ones are kept, from the start of a line on. */
  newestBytes?: number | undefined;
}

/** Where collectors put what they collect; all that reaches a disk from here has passed the redactor. */
export interface Sink {
  /** Resolves with the path that it got when the file is in the bundle; with undefined where it is left out and named. */
  add(file: BundleFile): Promise<string | undefined>;
  /** Another name of a file that is in the bundle. */
  link(path: string, target: string): void;
}

/** Hides what is secret. Where that fails it throws: the file is left out then. */
export type Redactor = Pick<WholeRedactor, 'stream' | 'buffer'> & Partial<Pick<WholeRedactor, 'report' | 'text'>>;

/** Reads the redacted content of a bundle. */
export interface BundleReader {
  /** Paths of all files, links included, sorted. */
  list(): string[];
  /** undefined where there is no such file. */
  read(path: string): Promise<Buffer | undefined>;
}

/** A bundle whose files may be too long to be read at once. */
export interface BundleFiles extends BundleReader {
  /** Bytes; 0 where there is no such file. */
  sizeOf(path: string): number;
  stream(path: string): Readable | undefined;
}

/** Why a collector gave nothing, or not all of it. */
export interface CollectorFailure {
  /** `kind/name`, or the kind alone. */
  collector: string;
  kind: string;
  host: boolean;
  /** Its `collectorName` or `name`. */
  name: string | undefined;
  /** Both of them, which the paths of its files begin or end with. */
  names?: readonly string[] | undefined;
  place: Place | undefined;
  reason: 'failed' | 'forbidden' | 'timeout' | 'excluded' | 'unsupported' | 'cancelled';
  message: string;
}

export type AnalyzeOutcome = 'pass' | 'warn' | 'fail';

/** What an analyzer says. */
export interface AnalyzeResult {
  title: string;
  message: string;
  uri?: string | undefined;
  outcome: AnalyzeOutcome;
  /** Why there is no verdict of the spec's own: a missing file, a failed collector, no outcome that matched. */
  reason?: string | undefined;
  /** Only marked; exit codes do not depend on it. */
  strict?: boolean | undefined;
  /** The key that it stands under, like `nodeResources`. */
  kind: string;
  host: boolean;
  place: Place;
  annotations?: Readonly<Record<string, string>> | undefined;
  /** The keys of analysis.json that viewers show. */
  iconKey?: string | undefined;
  iconUri?: string | undefined;
  involvedObject?:
    { apiVersion?: string | undefined; kind: string; namespace?: string | undefined; name: string } | undefined;
}
