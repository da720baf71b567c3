// Where in a file something stands: a path like `spec.resources[3].metadata.name` as line and column.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Document, type Node } from 'yaml';
import { parseGoYaml } from '../../kube/manifests/go-yaml.ts';

/** The place of a path within a document; of the deepest part of it that exists. */
export type Place = (path: string) => string;

/** Finds places in one file, which is parsed once, when the first one is asked for. */
export class Places {
  readonly #lines = new LineCounter();
  #documents: Document.Parsed[] | undefined;

  constructor(
    readonly text: string,
    readonly file: string,
  ) {}

  /** @param document `file:line:column` of its beginning, as the reader of manifests says; @param path within it */
  of(document: string, path: string): string {
    this.#documents ??= [...parseGoYaml(this.text, this.#lines)];
    const found = this.#documents.find(({ contents }) => contents !== null && this.#at(contents.range[0]) === document);
    // JSON is not read by documents.
    const { contents } = found ?? this.#documents[0] ?? { contents: null };
    const offset = contents === null ? undefined : offsetOf(contents, path);
    return offset === undefined ? document : this.#at(offset);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  }
}

/** Keys may hold dots themselves, as those of annotations do: the longest one that fits is meant. */
function offsetOf(node: Node, path: string): number | undefined {
  const own = node.range?.[0];
  const rest = path.replace(/^\./, '');
  if (rest === '' || isAlias(node)) return own;
  if (isSeq<Node>(node)) {
    const index = /^\[(\d+)\]/.exec(rest);
    const item = node.items[Number(index?.[1])];
    return item === undefined ? own : (offsetOf(item, rest.slice(index?.[0].length)) ?? own);
  }
  if (!isMap<Node, Node | null>(node)) return own;
  const fitting = node.items
    .map(({ key, value }) => ({ key, value, name: isScalar(key) ? String(key.value) : '' }))
    .filter(({ name }) => rest.startsWith(name) && /^(?:$|[.[])/.test(rest.slice(name.length)))
    .sort((a, b) => b.name.length - a.name.length);
  const [pair] = fitting;
  if (pair === undefined) return own;
  const below = rest.slice(pair.name.length);
  // Of a field itself, its name is the place.
  if (below === '' || pair.value === null) return pair.key.range?.[0] ?? own;
  return offsetOf(pair.value, below) ?? pair.key.range?.[0] ?? own;
}
