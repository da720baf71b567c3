// The syntax tree of a Go regular expression, as far as V8's spelling of it needs one.

/** One part of an expression. `source` is V8's spelling where a part is one atom. */
export type Node =
  | { type: 'char'; source: string }
  | { type: 'assertion'; source: string }
  | { type: 'concat'; items: readonly Node[] }
  | { type: 'alternate'; items: readonly Node[] }
  | { type: 'capture'; item: Node }
  | {
      type: 'repeat';
      item: Node;
      min: number;
      /** Infinity where there is no bound. */
      max: number;
      lazy: boolean;
      /** Whether it was written as `{…}`, which Go bounds. */
      counted: boolean;
      /** Where the operator stands in the pattern. */
      position: number;
    };

/** Whether the part can match nothing. */
function nullable(node: Node): boolean {
  switch (node.type) {
    case 'char':
      return false;
    case 'assertion':
      return true;
    case 'concat':
      return node.items.every(nullable);
    case 'alternate':
      return node.items.some(nullable);
    case 'capture':
      return nullable(node.item);
    case 'repeat':
      return node.min === 0 || nullable(node.item);
  }
}

function hasCapture(node: Node): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return false;
    case 'concat':
    case 'alternate':
      return node.items.some(hasCapture);
    case 'capture':
      return true;
    case 'repeat':
      return hasCapture(node.item);
  }
}

/** Whether every way through the part sets all of its groups. */
function setsAll(node: Node): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return true;
    case 'concat':
      return node.items.every(setsAll);
    case 'alternate':
      return !node.items.some(hasCapture);
    case 'capture':
      return setsAll(node.item);
    case 'repeat':
      return !hasCapture(node.item) || (node.min > 0 && setsAll(node.item));
  }
}

/**
 * Where V8 would not find what Go finds, or undefined. V8 forgets the groups of a loop's body at each turn and gives up
 * a turn that matched nothing; Go does neither.
 */
export function unfaithful(node: Node): { position: number; reason: string } | undefined {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return undefined;
    case 'concat':
    case 'alternate':
      for (const item of node.items) {
        const found = unfaithful(item);
        if (found) return found;
      }
      return undefined;
    case 'capture':
      return unfaithful(node.item);
    case 'repeat':
      if (node.max > 1 && nullable(node.item)) {
        return { position: node.position, reason: 'repeats what can match nothing' };
      }
      if (node.max > 1 && !setsAll(node.item)) {
        return { position: node.position, reason: 'repeats a group that not every turn sets' };
      }
      return unfaithful(node.item);
  }
}

/** Whether a loop has a choice within, so that a backtracking matcher can need exponential time. */
export function risky(node: Node): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return false;
    case 'concat':
    case 'alternate':
      return node.items.some(risky);
    case 'capture':
      return risky(node.item);
    case 'repeat':
      return (node.max > 3 && hasChoice(node.item)) || risky(node.item);
  }
}

function hasChoice(node: Node): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return false;
    case 'concat':
      return node.items.some(hasChoice);
    case 'alternate':
      return node.items.length > 1;
    case 'capture':
      return hasChoice(node.item);
    case 'repeat':
      return node.min !== node.max || hasChoice(node.item);
  }
}

/** How many loops without a bound there are: the degree of the polynomial that bounds backtracking where nothing is risky. */
export function loops(node: Node): number {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return 0;
    case 'concat':
      return node.items.reduce((sum, item) => sum + loops(item), 0);
    case 'alternate':
      return Math.max(0, ...node.items.map(loops));
    case 'capture':
      return loops(node.item);
    case 'repeat':
      return (node.max > 30 ? 1 : 0) + loops(node.item);
  }
}

/** Whether nested counts ask for at most `limit` copies of what is innermost; Go allows 1000. */
export function countsWithin(node: Node, limit: number): boolean {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return true;
    case 'concat':
    case 'alternate':
      return node.items.every((item) => countsWithin(item, limit));
    case 'capture':
      return countsWithin(node.item, limit);
    case 'repeat': {
      if (!node.counted) return countsWithin(node.item, limit);
      if (node.max === 0) return true;
      const times = node.max === Infinity ? node.min : node.max;
      if (times > limit) return false;
      return countsWithin(node.item, times > 0 ? Math.floor(limit / times) : limit);
    }
  }
}

/** The expression in V8's spelling, for the flag `u`. */
export function toSource(node: Node): string {
  switch (node.type) {
    case 'char':
    case 'assertion':
      return node.source;
    case 'concat':
      return node.items.map((item) => (item.type === 'alternate' ? `(?:${toSource(item)})` : toSource(item))).join('');
    case 'alternate':
      return node.items.map(toSource).join('|');
    case 'capture':
      return `(${toSource(node.item)})`;
    case 'repeat':
      return repeatSource(node);
  }
}

function repeatSource(node: Extract<Node, { type: 'repeat' }>): string {
  const inner = toSource(node.item);
  const atom = node.item.type === 'char' || node.item.type === 'capture' ? inner : `(?:${inner})`;
  const lazy = node.lazy ? '?' : '';
  if (node.max === 1 && node.min === 0) {
    // V8 gives up an optional part that matched nothing, an alternative keeps it.
    if (nullable(node.item)) return node.lazy ? `(?:|${inner})` : `(?:${atom}|)`;
    return `${atom}?${lazy}`;
  }
  if (node.max === Infinity && node.min <= 1) return `${atom}${node.min === 0 ? '*' : '+'}${lazy}`;
  if (node.max === Infinity) return `${atom}{${node.min},}${lazy}`;
  return node.min === node.max ? `${atom}{${node.min}}${lazy}` : `${atom}{${node.min},${node.max}}${lazy}`;
}
