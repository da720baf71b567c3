// The page in the browser: a square for each cluster, what is slow and what fails, as the server reports it.

interface State {
  time: string;
  title: string;
  clusters: number;
  states: Record<string, number>;
  cells: string;
  objects: number;
  changes: number;
  held: number;
  load: { depth: number; running: number; inFlight: number; limit: number };
  slowest: { cluster: string; ms: number; requests: number }[];
  failing: { set: string; message: string; clusters: number; example: string }[];
}

const stateOf: Readonly<Record<string, string>> = {
  p: 'pending',
  r: 'running',
  s: 'synced',
  h: 'held',
  f: 'failed',
  u: 'unreachable',
  k: 'skipped',
};

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

let names: string[] = [];
let cells: HTMLElement[] = [];

/** Rebuilt only when clusters come or go: a thousand elements. */
function layOut(): void {
  const grid = element('grid');
  cells = names.map((name) => {
    const cell = document.createElement('button');
    cell.type = 'button';
    cell.title = name;
    cell.dataset['cluster'] = name;
    return cell;
  });
  grid.replaceChildren(...cells);
}

function draw(state: State): void {
  document.title = state.title;
  element('title').textContent = state.title;
  element('time').textContent = new Date(state.time).toLocaleTimeString();
  cells.forEach((cell, at) => {
    const letter = state.cells.charAt(at);
    if (cell.className !== letter) {
      cell.className = letter;
      cell.setAttribute('aria-label', `${names[at] ?? ''}: ${stateOf[letter] ?? ''}`);
    }
  });
  element('states').replaceChildren(
    ...Object.entries(state.states)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => {
        const item = document.createElement('li');
        const swatch = document.createElement('i');
        swatch.className = Object.keys(stateOf).find((letter) => stateOf[letter] === name) ?? '';
        item.append(swatch, `${count} ${name}`);
        return item;
      }),
  );
  element('figures').textContent =
    `${state.clusters} clusters · ${state.objects} objects · ${state.changes} changed in the last passes · ` +
    `${state.held} deletions held · ${state.load.inFlight} of ${state.load.limit} requests under way · ${state.load.depth} waiting`;
  rows(
    'slowest',
    state.slowest.map((row) => [row.cluster, `${row.ms} ms`, String(row.requests)]),
  );
  rows(
    'failing',
    state.failing.map((row) => [row.set, row.message, String(row.clusters), row.example]),
  );
}

function rows(id: string, table: readonly (readonly string[])[]): void {
  const body = element(id);
  body.replaceChildren(
    ...table.map((row) => {
      const line = document.createElement('tr');
      line.append(
        ...row.map((text) => {
          const cell = document.createElement('td');
          cell.textContent = text;
          return cell;
        }),
      );
      return line;
    }),
  );
  body.parentElement?.classList.toggle('empty', table.length === 0);
}

async function show(name: string): Promise<void> {
  const answer = await fetch(`cluster?id=${encodeURIComponent(name)}`);
  element('detail').textContent = answer.ok ? JSON.stringify(await answer.json(), null, 2) : `${name} is gone`;
  element('dialog').hidden = false;
}

element('grid').addEventListener('click', (event) => {
  const name = event.target instanceof HTMLElement ? event.target.dataset['cluster'] : undefined;
  if (name !== undefined) void show(name);
});
element('close').addEventListener('click', () => {
  element('dialog').hidden = true;
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') element('dialog').hidden = true;
});

const events = new EventSource('events');
events.addEventListener('names', (event: MessageEvent<string>) => {
  names = JSON.parse(event.data) as string[];
  layOut();
});
events.addEventListener('state', (event: MessageEvent<string>) => {
  draw(JSON.parse(event.data) as State);
});
events.addEventListener('open', () => document.body.classList.remove('lost'));
events.addEventListener('error', () => document.body.classList.add('lost'));
