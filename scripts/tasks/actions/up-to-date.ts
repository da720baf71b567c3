// Passes over a task whose `sources` and `generates` are as its last run left them.

import { dirname, resolve } from 'node:path';
import { reasonOf } from '../../base/errors.ts';
import { readTextBoundedSync } from '../../host/files/bounded.ts';
import type { Task } from '../file/model.ts';
import { isUrl } from '../includes/program.ts';
import { Fingerprints, type Subject } from '../sources/fingerprints.ts';
import { Scene } from './render.ts';
import type { Flow, Frame, Runtime, UpToDate } from './runtime.ts';

/** Why such a task was passed over. */
export const UNCHANGED = 'its sources have not changed';

/** @throws what the run throws; ConfigError for patterns that cannot be evaluated */
export async function unlessUpToDate(
  frame: Frame,
  flow: Flow,
  runtime: Runtime,
  run: (flow: Flow) => Promise<void>,
): Promise<void> {
  const { folder, force } = runtime.upToDate;
  const fingerprints = new Fingerprints(folder, runtime.cwd);
  const { name } = frame.task;
  const subject = subjectOf(frame, flow, runtime);
  await runtime.upToDate.onSources?.(subject.sources, subject.generates);
  const look = await fingerprints.look(subject);
  if (look.upToDate !== undefined && !force) {
    for (const [variable, text] of Object.entries(look.upToDate)) {
      flow.variables.set(variable, { text, source: `task "${name}", which is up to date`, sensitive: false });
    }
    runtime.ledger.pass(`${name}: up to date`, 'skipped', UNCHANGED);
    runtime.note(`${name}: up to date`);
    return;
  }
  for (const pattern of look.unmatched) runtime.warn(`no file matches "${pattern}" of the sources of task "${name}"`);
  // Not being able to remember anything, as in a home that is read-only, fails no task.
  const orNothing = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      runtime.warn(`the state of task "${name}" cannot be kept in ${folder}: ${reasonOf(error)}`);
      return undefined;
    });
  await orNothing(fingerprints.forget(subject));
  const own: Flow = { ...flow, variables: flow.variables.branch() };
  try {
    await run(own);
  } finally {
    Object.assign(flow, { last: own.last, lastMs: own.lastMs });
    for (const [variable, value] of own.variables.written) flow.variables.set(variable, value);
  }
  const written = [...own.variables.written];
  // A secret is not written to disk, and values that contradict each other are none.
  const kept = written.every(([, { sensitive, conflict }]) => !sensitive && conflict === undefined);
  if (look.unmatched.length > 0 || !kept) return;
  const variables = Object.fromEntries(written.map(([variable, { text }]) => [variable, text]));
  for (const pattern of (await orNothing(fingerprints.keep(subject, look.before, variables))) ?? []) {
    runtime.warn(`task "${name}" has made no file that matches "${pattern}" of its generates`);
  }
}

function subjectOf(frame: Frame, flow: Flow, runtime: Runtime): Subject {
  const { task, given, envFile } = frame;
  const scene = new Scene(runtime, frame, flow.variables);
  const inputs = [...given].sort(([a], [b]) => (a < b ? -1 : 1));
  const does = JSON.stringify(reachedFrom(task, runtime.upToDate.reached), (key, value: unknown) =>
    withoutPlaces(key, value),
  );
  const words = new Set(does.match(/\w+/g));
  const variables = [...flow.variables.entries()].filter(([name]) => words.has(name));
  const values = variables.map(([name, { text }]) => [name, text]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return {
    key: JSON.stringify([task.file.location, task.name, inputs]),
    definition: JSON.stringify([does, values, [...envFile], ownEnvFile(task)]),
    sources: task.sources.map((text) => scene.text(text)),
    generates: task.generates.map((text) => scene.text(text)),
  };
}

/** The task and all that it calls. */
function reachedFrom(task: Task, reached: UpToDate['reached']): Task[] {
  const all = new Set([task]);
  for (const one of all) for (const { to } of reached.get(one) ?? []) all.add(to);
  return [...all];
}

/** Only what a task does counts: not where it stands, nor what its file holds beside it. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'at' || key === 'file' || key === 'problems') return undefined;
  return value instanceof Map ? [...(value as Map<unknown, unknown>)] : value;
}

function ownEnvFile({ envPath, file }: Task): string | undefined {
  if (envPath === undefined || isUrl(file.location)) return undefined;
  try {
    return readTextBoundedSync(resolve(dirname(file.location), envPath.value));
  } catch {
    // Its run will say what is wrong with it.
    return undefined;
  }
}
