// Draws the page of a bundle: checks first, then objects, events, logs, and what the collectors cost.

import type { PageCollector, PageData, PageEvent, PageObject } from '../model.ts';
import { el, table, when } from './elements.ts';

/** Rows that are drawn of a table; a filter finds the others. */
const MOST_ROWS = 300;

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;

function checks(): HTMLElement {
  const of = (outcome: string): number => data.checks.filter((check) => check.outcome === outcome).length;
  const items = data.checks.map(({ outcome, title, message, uri }) => {
    const text = el('div', {}, el('b', {}, title), ' ', message);
    if (/^https?:\/\//.test(uri)) text.append(' ', el('a', { href: uri, rel: 'noopener noreferrer' }, uri));
    return el('li', { class: outcome }, el('i', {}, outcome), text);
  });
  const sums = `${of('fail')} failed, ${of('warn')} warned, ${of('pass')} passed`;
  return el('section', { id: 'checks' }, el('h2', {}, `Checks: ${sums}`), el('ul', { class: 'checks' }, ...items));
}

/** A table that shows what its filters leave. */
function filtered<T>(
  title: string,
  heads: readonly string[],
  rows: readonly T[],
  {
    cells,
    keep,
    choices,
    flag,
  }: {
    cells: (row: T) => string[];
    keep: (row: T, flag: boolean, choice: string) => boolean;
    choices: readonly string[];
    flag: string;
  },
): HTMLElement {
  const id = title.toLowerCase();
  const words = el('input', { type: 'search', placeholder: 'filter', 'aria-label': `filter ${id}` });
  const only = el('input', { type: 'checkbox', id: `${id}-only` });
  const choice = el('select', { 'aria-label': 'namespace' }, el('option', { value: '' }, 'all namespaces'));
  choice.append(...choices.map((name) => el('option', { value: name }, name)));
  const count = el('span', { class: 'count' });
  const body = el('tbody');
  const draw = (): void => {
    const wanted = words.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const left = rows.filter((row) => {
      if (!keep(row, only.checked, choice.value)) return false;
      const text = cells(row).join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    body.replaceChildren(
      ...left.slice(0, MOST_ROWS).map((row) => el('tr', {}, ...cells(row).map((cell) => el('td', {}, cell)))),
    );
    const more = left.length > MOST_ROWS ? `, the first ${MOST_ROWS} shown` : '';
    count.textContent = `${left.length} of ${rows.length}${more}`;
  };
  for (const input of [words, only, choice]) input.addEventListener('input', draw);
  draw();
  const bar = el('div', { class: 'bar' }, words, choice, el('label', { for: `${id}-only` }, only, ` ${flag}`), count);
  return el('section', { id }, el('h2', {}, title), bar, table(heads, body));
}

const namespaces = (rows: readonly { namespace: string }[]): string[] =>
  [...new Set(rows.map(({ namespace }) => namespace))].filter((name) => name !== '').sort();

function objects(): HTMLElement {
  return filtered<PageObject>('Objects', ['kind', 'namespace', 'name', 'state', 'created'], data.objects, {
    cells: ({ kind, namespace, name, state, created }) => [kind, namespace, name, state, when(created)],
    keep: ({ bad, namespace }, flag, choice) => (!flag || bad) && (choice === '' || namespace === choice),
    choices: namespaces(data.objects),
    flag: 'only what is not well',
  });
}

function events(): HTMLElement {
  return filtered<PageEvent>(
    'Events',
    ['last seen', 'type', 'namespace', 'object', 'reason', 'message', '×'],
    data.events,
    {
      cells: (event) => [
        when(event.at),
        event.type,
        event.namespace,
        event.object,
        event.reason,
        event.message,
        String(event.count),
      ],
      keep: ({ type, namespace }, flag, choice) =>
        (!flag || type === 'Warning') && (choice === '' || namespace === choice),
      choices: namespaces(data.events),
      flag: 'only warnings',
    },
  );
}

function logs(): HTMLElement {
  const all = data.logs.map(({ path, size, end }) =>
    el('details', {}, el('summary', {}, path, el('span', { class: 'count' }, `${size} bytes`)), el('pre', {}, end)),
  );
  return el('section', { id: 'logs' }, el('h2', {}, 'Logs'), ...all);
}

function timeline(): HTMLElement {
  const end = Math.max(1, ...data.collectors.map(({ endedMs = 0 }) => endedMs));
  const cost = ({ startedMs = 0, endedMs = startedMs }: PageCollector): number => endedMs - startedMs;
  const rows = [...data.collectors]
    .sort((a, b) => cost(b) - cost(a))
    .map((collector) => {
      const { title, outcome, startedMs, files, words } = collector;
      const bar = el('div', { class: `run ${outcome}` });
      bar.style.marginLeft = `${((startedMs ?? 0) / end) * 100}%`;
      bar.style.width = `${startedMs === undefined ? 0 : Math.max(0.3, (cost(collector) / end) * 100)}%`;
      const name = el('div', { class: 'name' }, title);
      const took = el(
        'div',
        { class: 'took' },
        startedMs === undefined ? outcome : `${cost(collector)} ms, ${files} files`,
      );
      const why = words.length === 0 ? [] : [el('div', { class: 'why' }, words.join('; '))];
      return el('li', {}, name, el('div', { class: 'track' }, bar), took, ...why);
    });
  return el('section', { id: 'collectors' }, el('h2', {}, 'Collectors'), el('ol', { class: 'timeline' }, ...rows));
}

function notes(): HTMLElement[] {
  if (data.notes.length === 0) return [];
  const items = data.notes.map((note) => el('li', {}, note));
  return [el('section', { id: 'notes' }, el('h2', {}, 'Not here'), el('ul', {}, ...items))];
}

const stopped = data.stopped === '' ? '' : ` Stopped early: ${data.stopped}.`;
const seconds = (data.wallMs / 1000).toFixed(1);
document.title = data.name;
document
  .getElementById('page')
  ?.replaceChildren(
    el(
      'header',
      {},
      el('h1', {}, data.name),
      el('p', {}, `Made ${when(data.madeAt)} in ${seconds} s. Secrets were hidden before anything was kept.${stopped}`),
    ),
    ...(data.checks.length > 0 ? [checks()] : []),
    ...(data.objects.length > 0 ? [objects()] : []),
    ...(data.events.length > 0 ? [events()] : []),
    ...(data.logs.length > 0 ? [logs()] : []),
    timeline(),
    ...notes(),
  );
