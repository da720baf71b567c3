// Reads the actions of a task, and checks what can be seen of each by itself: keys that exclude each other, ids, needs.

import { isMap } from 'yaml';
import { nearest } from '../../base/suggest.ts';
import type { Action, Apply, Loop, Parallel, Ready, SetVariable, Wait, Work } from './model.ts';
import { Reading, itemsOf, markOf, pairsOf, resolved, textOf } from './nodes.ts';
import type { Text } from './source.ts';

/** Blocks within blocks; more can only come from a file that refers to itself. */
const DEEPEST = 32;

/** @param ordered whether they run one after another, so that needs can only be earlier ones */
export function readActions(reading: Reading, key: string, depth = 0, ordered = true): Action[] {
  if (depth > DEEPEST) {
    reading.findings.problem(reading.at, `more than ${DEEPEST} blocks within each other`);
    return [];
  }
  const actions = reading
    .items(key)
    .map(({ node, at }) =>
      readAction(
        new Reading(node, 'action', { origin: reading.origin, findings: reading.findings, around: at }),
        depth,
      ),
    );
  checkNeeds(actions, reading, ordered);
  return actions;
}

function readAction(reading: Reading, depth: number): Action {
  const shell = reading.below('shell', 'shell');
  const action: Action = {
    work: readWork(reading, depth),
    at: reading.at,
    description: reading.filled('description'),
    id: reading.filled('id'),
    needs: reading.texts('needs'),
    if: reading.filled('if'),
    env: reading.texts('env'),
    dir: reading.filled('dir'),
    shell: shell && {
      linux: shell.filled('linux')?.value,
      darwin: shell.filled('darwin')?.value,
      windows: shell.filled('windows')?.value,
    },
    mute: reading.flag('mute'),
    setVariables: readSetVariables(reading),
    maxRetries: reading.count('maxRetries'),
    timeoutMs: readTimeout(reading),
    retry: readRetry(reading),
    once: reading.flag('once'),
    background: reading.flag('background'),
    ready: readReady(reading),
    interactive: reading.flag('interactive'),
    for: readLoop(reading),
  };
  checkAction(action, reading);
  return action;
}

/** maru's order: of several the first one counts. */
const WORKS = ['task', 'parallel', 'wait', 'apply', 'cmd'] as const;

function readWork(reading: Reading, depth: number): Work {
  const given = WORKS.filter((key) => reading.has(key) && !(key === 'cmd' && reading.text('cmd')?.value === ''));
  const [first, ...rest] = given;
  for (const key of rest) reading.findings.warn(reading.mark(key), `"${key}" beside "${String(first)}" has no effect`);
  switch (first) {
    case 'task': {
      const task = reading.filled('task');
      return task === undefined ? { kind: 'nothing' } : { kind: 'task', task, with: reading.map('with') };
    }
    case 'parallel':
      return { kind: 'parallel', parallel: readParallel(reading, depth + 1) };
    case 'wait':
      return { kind: 'wait', wait: readWait(reading) };
    case 'apply':
      return { kind: 'apply', apply: readApply(reading) };
    case 'cmd': {
      const cmd = reading.filled('cmd');
      return cmd === undefined ? { kind: 'nothing' } : { kind: 'cmd', cmd };
    }
    default:
      reading.findings.warn(reading.at, 'this action does nothing: it has neither cmd, task, wait, parallel nor apply');
      return { kind: 'nothing' };
  }
}

function readParallel(reading: Reading, depth: number): Parallel {
  if (!isMap(resolved(reading.node('parallel'), reading.origin))) {
    return { actions: readActions(reading, 'parallel', depth, false), failure: 'finish' };
  }
  const { origin, findings } = reading;
  const around = reading.mark('parallel');
  const block = new Reading(reading.node('parallel'), 'parallelBlock', { origin, findings, around });
  const failure = block.filled('failure');
  const known = ['finish', 'cancel', 'continue'] as const;
  const chosen = known.find((name) => name === (failure?.value ?? 'finish'));
  if (failure !== undefined && chosen === undefined) {
    const guess = nearest(failure.value, known);
    block.findings.problem(
      failure.at,
      `"failure" must be finish, cancel or continue${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
    );
  }
  return {
    actions: readActions(block, 'actions', depth, false),
    limit: block.count('limit', 1),
    failure: chosen ?? 'finish',
  };
}

function readWait(reading: Reading): Wait {
  const wait = reading.below('wait', 'wait');
  const cluster = wait?.below('cluster', 'waitCluster');
  const network = wait?.below('network', 'waitNetwork');
  const at = reading.mark('wait');
  if (cluster !== undefined) {
    if (network !== undefined)
      reading.findings.warn(wait?.mark('network') ?? at, '"network" beside "cluster" has no effect');
    return {
      at,
      cluster: {
        kind: cluster.text('kind') ?? { value: '', at },
        name: cluster.text('name') ?? { value: '', at },
        namespace: cluster.filled('namespace'),
        condition: cluster.filled('condition'),
      },
    };
  }
  if (network === undefined) {
    reading.findings.problem(at, '"wait" needs "cluster" or "network"');
    return { at };
  }
  const protocol = network.text('protocol') ?? { value: '', at };
  if (!/^(tcp|https?)$/i.test(protocol.value) && !protocol.value.includes('$')) {
    network.findings.problem(protocol.at, `"protocol" must be tcp, http or https, not "${protocol.value}"`);
  }
  return {
    at,
    network: { protocol, address: network.text('address') ?? { value: '', at }, code: network.filled('code') },
  };
}

function readApply(reading: Reading): Apply {
  const apply = reading.below('apply', 'apply');
  return {
    files: apply?.texts('files') ?? [],
    namespace: apply?.filled('namespace'),
    wait: apply?.has('wait') === true ? apply.flag('wait') : true,
    at: reading.mark('apply'),
  };
}

function readSetVariables(reading: Reading): SetVariable[] {
  return reading.items('setVariables').flatMap(({ node, at }) => {
    const one = new Reading(node, 'setVariable', { origin: reading.origin, findings: reading.findings, around: at });
    const name = one.filled('name');
    return name === undefined ? [] : { name, pattern: one.filled('pattern'), sensitive: one.flag('sensitive') };
  });
}

/** `timeout` and `maxTotalSeconds` say the same; the shorter one counts. */
function readTimeout(reading: Reading): number | undefined {
  const seconds = reading.count('maxTotalSeconds');
  const limits = [reading.duration('timeout'), seconds === undefined || seconds === 0 ? undefined : seconds * 1000];
  const given = limits.filter((ms) => ms !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}

function readRetry(reading: Reading): Action['retry'] {
  const retry = reading.below('retry', 'retry');
  const attempts = retry?.count('attempts', 1);
  return retry && attempts !== undefined ? { attempts, backoffMs: retry.duration('backoff') ?? 1000 } : undefined;
}

function readReady(reading: Reading): Ready | undefined {
  const ready = reading.below('ready', 'ready');
  if (ready === undefined) return undefined;
  const probes = ['log', 'tcp', 'http', 'cmd'].filter((key) => ready.has(key));
  if (probes.length !== 1) ready.findings.problem(ready.at, '"ready" needs exactly one of log, tcp, http and cmd');
  return {
    at: ready.at,
    log: ready.filled('log'),
    tcp: ready.filled('tcp'),
    http: ready.filled('http'),
    cmd: ready.filled('cmd'),
    timeoutMs: ready.duration('timeout') ?? 60_000,
  };
}

function readLoop(reading: Reading): Loop | undefined {
  if (!reading.has('for')) return undefined;
  const at = reading.mark('for');
  const node = resolved(reading.node('for'), reading.origin);
  const text = textOf(node, reading.origin, at);
  if (text !== undefined) return { kind: 'text', text, at };
  if (!isMap(node)) return { kind: 'list', items: reading.texts('for'), at };
  const axes = new Map<string, readonly Text[] | Text>();
  for (const [name, { key, value }] of pairsOf(node, reading.origin) ?? []) {
    const one = textOf(value, reading.origin, key);
    const items = itemsOf(value, reading.origin)?.map((item) => textOf(item, reading.origin, key));
    if (one !== undefined) axes.set(name, one);
    else if (items?.every((item) => item !== undefined)) axes.set(name, items);
    else reading.findings.problem(markOf(value, reading.origin, key), `"${name}" in "for" must be a list of texts`);
  }
  return { kind: 'matrix', axes, at };
}

/** Keys that have no effect on what the action does, or that contradict each other. */
function checkAction(action: Action, reading: Reading): void {
  const { findings } = reading;
  const { kind } = action.work;
  const ignored: Partial<Record<Work['kind'], readonly string[]>> = {
    task: ['env', 'dir', 'shell', 'mute', 'maxRetries', 'setVariables'],
    parallel: ['with', 'env', 'dir', 'shell', 'mute', 'maxRetries', 'setVariables', 'interactive'],
    wait: ['with', 'env', 'dir', 'shell', 'setVariables', 'interactive'],
    apply: ['with', 'env', 'shell', 'setVariables', 'interactive'],
    cmd: ['with', 'once'],
  };
  for (const key of ignored[kind] ?? []) {
    if (reading.has(key)) findings.warn(reading.mark(key), `"${key}" beside "${kind}" has no effect`);
  }
  if (action.ready !== undefined && !action.background) {
    findings.problem(reading.mark('ready'), '"ready" is for background actions: add "background: true"');
  }
  if (action.background && kind !== 'cmd')
    findings.problem(reading.mark('background'), '"background" is for "cmd" alone');
  if (action.interactive && action.background) {
    findings.problem(reading.mark('interactive'), 'an interactive action cannot run in the background');
  }
}

/** Ids are unique within their list, and needs are ids of it, without a cycle. */
function checkNeeds(actions: readonly Action[], { findings }: Reading, ordered: boolean): void {
  const ids = new Map<string, number>();
  actions.forEach(({ id }, at) => {
    if (id === undefined) return;
    if (ids.has(id.value)) findings.problem(id.at, `two actions of this list have the id "${id.value}"`);
    else ids.set(id.value, at);
  });
  actions.forEach(({ needs }, at) => {
    for (const need of needs) {
      const place = ids.get(need.value);
      if (place !== undefined) {
        if (ordered && place >= at) {
          findings.problem(need.at, `needs "${need.value}", which comes later: these actions run one after another`);
        }
        continue;
      }
      const guess = nearest(need.value, ids.keys());
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      findings.problem(need.at, `needs "${need.value}", but no action of this list has that id${hint}`);
    }
  });
  if (ordered) return;
  const cycle = cycleOf(actions, ids);
  if (cycle !== undefined) {
    const [first] = cycle;
    const at = actions[ids.get(first ?? '') ?? 0]?.at;
    if (at !== undefined) findings.problem(at, `actions need each other in a cycle: ${cycle.join(' → ')}`);
  }
}

function cycleOf(actions: readonly Action[], ids: ReadonlyMap<string, number>): string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, path: string[]): string[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (done.has(id)) return undefined;
    for (const { value } of actions[ids.get(id) ?? -1]?.needs ?? []) {
      const found = ids.has(value) ? visit(value, [...path, id]) : undefined;
      if (found) return found;
    }
    done.add(id);
    return undefined;
  };
  for (const id of ids.keys()) {
    const found = visit(id, []);
    if (found) return found;
  }
  return undefined;
}
