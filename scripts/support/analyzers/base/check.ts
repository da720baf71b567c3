// What a check is: a pure function of its spec and the bundle's files, which gives one verdict for each thing it looks at.

import { globToRegExp } from '../../../base/glob.ts';
import { messageOf } from '../../../base/errors.ts';
import type { AnalyzeOutcome, BundleReader } from '../../types.ts';

export type Spec = Readonly<Record<string, unknown>>;

/** What a check says of one thing. */
export interface CheckVerdict {
  outcome: AnalyzeOutcome;
  message: string;
  /** Defaults to the check's own title. */
  title?: string;
  uri?: string | undefined;
  /** Why it is not the verdict of one of the spec's outcomes. */
  reason?: string;
  involvedObject?: { apiVersion?: string; kind: string; namespace?: string; name: string };
}

export interface Check {
  /** What it is called where the spec gives no `checkName`. */
  title: (spec: Spec) => string;
  icon?: { key: string; file: string };
  /** The kinds of collectors whose files it reads, for what to say where these are missing. */
  collectors: readonly string[];
  run: (spec: Spec, files: Files) => Promise<CheckVerdict[]>;
}

/** A file that a check needs and the bundle does not have. */
export class MissingFile extends Error {
  constructor(readonly path: string) {
    super(`${path} is not in the bundle`);
  }
}

/** A spec that cannot be evaluated. */
export class BadCheck extends Error {}

/** The files of a bundle, read and parsed once for all checks. */
export class Files {
  readonly paths: readonly string[];
  readonly #reader: BundleReader;
  readonly #parsed = new Map<string, Promise<unknown>>();

  /** @param nowMs what dates are compared with, in ms since 1970 */
  constructor(
    reader: BundleReader,
    readonly nowMs: number,
  ) {
    this.#reader = reader;
    this.paths = reader.list();
  }

  async text(path: string): Promise<string> {
    const content = await this.#reader.read(path);
    if (!content) throw new MissingFile(path);
    return content.toString('utf8');
  }

  /** @throws MissingFile */
  json(path: string): Promise<unknown> {
    let parsed = this.#parsed.get(path);
    if (!parsed) {
      parsed = this.text(path).then((text) => {
        try {
          return JSON.parse(text) as unknown;
        } catch (error) {
          throw new BadCheck(`${path} cannot be read: ${messageOf(error)}`);
        }
      });
      this.#parsed.set(path, parsed);
    }
    return parsed;
  }

  /** The items of a list of Kubernetes objects; of an array, its members. */
  async items(path: string): Promise<KubeObject[]> {
    const list = await this.json(path);
    if (Array.isArray(list)) return list as KubeObject[];
    const items = typeof list === 'object' && list !== null && 'items' in list ? list.items : undefined;
    return Array.isArray(items) ? (items as KubeObject[]) : [];
  }

  /** Paths that a glob matches, but for those that another one does. */
  matching(glob: string, except: readonly string[] = []): string[] {
    const wanted = globToRegExp(glob);
    const unwanted = except.map((one) => globToRegExp(one));
    return this.paths.filter((path) => wanted.test(path) && !unwanted.some((pattern) => pattern.test(path)));
  }
}

/** A Kubernetes object as far as checks look at it. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    uid?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [key: string]: unknown;
}

export const nameOf = (object: KubeObject): string => object.metadata?.name ?? '';
export const namespaceOf = (object: KubeObject): string => object.metadata?.namespace ?? '';

/** A key of a spec as text; '' where it is not there. */
export function text(spec: Spec, key: string): string {
  const value = spec[key];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function texts(spec: Spec, key: string): string[] {
  const value = spec[key];
  return Array.isArray(value) ? value.map(String) : [];
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
export const string = (value: unknown): string => (typeof value === 'string' ? value : '');
