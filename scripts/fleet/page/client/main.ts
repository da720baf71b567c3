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
    cell.tabIndex = -1;
    return cell;
  });
  grid.replaceChildren(...cells);
  enter(0);
}

/** The one square at which Tab stops: a thousand stops would be none. */
let entered = 0;

function enter(at: number): HTMLElement | undefined {
  const last = cells[entered];
  if (last !== undefined) last.tabIndex = -1;
  entered = Math.max(0, Math.min(at, cells.length - 1));
  const cell = cells[entered];
  if (cell !== undefined) cell.tabIndex = 0;
  return cell;
}

/** Squares in a row, as they are laid out now. */
function columns(): number {
  return getComputedStyle(element('grid')).gridTemplateColumns.split(' ').length;
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

/** What has the focus again when the dialog is closed. */
let opener: HTMLElement | undefined;

async function show(name: string): Promise<void> {
  const answer = await fetch(`cluster?id=${encodeURIComponent(name)}`);
  element('detail').textContent = answer.ok ? JSON.stringify(await answer.json(), null, 2) : `${name} is gone`;
  element('dialog').hidden = false;
  element('close').focus();
}

function close(): void {
  if (element('dialog').hidden) return;
  element('dialog').hidden = true;
  opener?.focus();
}

element('grid').addEventListener('click', (event) => {
  const cell = event.target instanceof HTMLElement ? event.target : undefined;
  const name = cell?.dataset['cluster'];
  if (cell === undefined || name === undefined) return;
  opener = enter(cells.indexOf(cell));
  void show(name);
});
element('grid').addEventListener('keydown', (event) => {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns(),
    ArrowDown: columns(),
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  enter(entered + step)?.focus();
});
element('close').addEventListener('click', close);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
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
