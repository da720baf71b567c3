// The one way into a bundle: every file passes the redactor before a byte of it is kept, and has a path of its own.

import type { Readable } from 'node:stream';
import { messageOf } from '../../base/errors.ts';
import type { BundleFile, Redactor, Sink } from '../types.ts';
import type { ArchiveWriter } from './archive.ts';
import { PathClaims } from './claims.ts';
import { PackedBudget, redactBuffer, redactStream } from './packed.ts';
import { safePath } from './paths.ts';
import { FileStore, type LeftOut } from './store.ts';

export class BundleWriter implements Sink {
  readonly leftOut: LeftOut[] = [];
  /** Files whose older bytes are not in the bundle, and how many those are. */
  readonly cut: { path: string; bytes: number }[] = [];
  readonly #store: FileStore;
  readonly #redactor: Redactor;
  readonly #archive: ArchiveWriter | undefined;
  readonly #claims: PathClaims;
  readonly #links: { path: string; target: string }[] = [];
  readonly #budget: PackedBudget;
  #bytes = 0;

  constructor({
    redactor,
    archive,
    parent,
    reserved = [],
    signal,
  }: {
    redactor: Redactor;
    archive: ArchiveWriter | undefined;
    parent?: string;
    /** Paths that only `addOwn` and `addRedacted` may take. */
    reserved?: readonly string[];
    /** Ends the work on packed files, which can hold more than anyone waits for: they are left out. */
    signal?: AbortSignal;
  }) {
    this.#budget = new PackedBudget(signal);
    this.#redactor = redactor;
    this.#archive = archive;
    this.#store = new FileStore(parent);
    this.#claims = new PathClaims(reserved);
  }

  /** Redacted bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is in the bundle so far. */
  get reader(): FileStore {
    return this.#store;
  }

  add(file: BundleFile): Promise<string | undefined> {
    return this.#add(this.#claims.claim(this.#safe(file.path)), file);
  }

  /** A file of the bundle's own, under a reserved path. */
  addOwn(file: BundleFile): Promise<string | undefined> {
    return this.#add(this.#claims.claimReserved(this.#safe(file.path)), file);
  }

  async #add(own: string, { content, newestBytes }: BundleFile): Promise<string | undefined> {
    try {
      const stored = await this.#redacted(own, content, newestBytes);
      if (stored.cutBytes !== undefined) this.cut.push({ path: own, bytes: stored.cutBytes });
      this.#bytes += stored.kind === 'buffer' ? stored.content.length : stored.size;
      await this.#archive?.add(own, stored);
    } catch (error) {
      this.leftOut.push({ path: own, reason: messageOf(error) });
      return undefined;
    }
    return own;
  }

  /** What is made of redacted files alone, and would be damaged by another pass. */
  async addRedacted(path: string, content: Buffer): Promise<void> {
    const own = this.#claims.claimReserved(this.#safe(path));
    const stored = await this.#store.put(own, content);
    this.#bytes += content.length;
    await this.#archive?.add(own, stored);
  }

  link(path: string, target: string): void {
    const own = this.#claims.claim(this.#safe(path));
    const to = this.#safe(target);
    this.#store.link(own, to);
    this.#links.push({ path: own, target: to });
  }

  /** Writes the links, whose targets are known now; those of files that were left out are left out too. */
  async finish(): Promise<void> {
    for (const { path, target } of this.#links) {
      if (this.#store.get(target)) await this.#archive?.link(path, target);
      else this.leftOut.push({ path, reason: `a link to ${target}, which is not there` });
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #redacted(path: string, content: Buffer | Readable, newest?: number): ReturnType<FileStore['put']> {
    const packed = { path, redactor: this.#redactor, budget: this.#budget };
    const hidden = Buffer.isBuffer(content) ? await redactBuffer(content, packed) : await redactStream(content, packed);
    return this.#store.put(path, hidden, newest);
  }

  /** Names come from specs and from clusters: a secret in one is a secret too. */
  #safe(path: string): string {
    return safePath(this.#redactor.text?.(path) ?? path);
  }
}
