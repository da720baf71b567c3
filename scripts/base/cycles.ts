// Finds cycles in directed graphs that are given by names.

/** One cycle of each knot, its first name repeated at its end; iterative, so that long chains cost no stack. */
export function findCycles(edgesOf: ReadonlyMap<string, readonly string[]>): string[][] {
  const state = new Map<string, 'open' | 'closed'>();
  const cycles: string[][] = [];
  for (const root of edgesOf.keys()) {
    if (state.has(root)) continue;
    const path: { name: string; edges: readonly string[]; next: number }[] = [];
    const enter = (name: string): void => {
      state.set(name, 'open');
      path.push({ name, edges: edgesOf.get(name) ?? [], next: 0 });
    };
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        state.set(top.name, 'closed');
        path.pop();
      } else if (state.get(edge) === 'open') {
        const names = path.map((p) => p.name);
        cycles.push([...names.slice(names.indexOf(edge)), edge]);
      } else if (!state.has(edge) && edgesOf.has(edge)) {
        enter(edge);
      }
    }
  }
  return cycles;
}
