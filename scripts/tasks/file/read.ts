// Reads a task file into tasks and actions that know where they were written.

import { stat } from 'node:fs/promises';
import { NoTextError, readTextBounded } from '../../host/files/bounded.ts';
import { ConfigError, type Problem, reasonOf } from '../../base/errors.ts';
import { yamlMessage } from '../../base/excerpt.ts';
import { readActions } from './read-actions.ts';
import { Findings, type Origin, Reading, pairsOf, textOf } from './nodes.ts';
import type { Include, Input, Task, TaskFile, Variable } from './model.ts';
import { Source, problemAt } from './source.ts';

/** Larger files are refused: no task file comes near. */
const MOST_BYTES = 4 * 1024 * 1024;

/** @param name what messages call the file. @throws ConfigError where it cannot be read or is no task file. */
export async function readTaskFile(path: string, name: string): Promise<TaskFile> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, more than ${MOST_BYTES}`);
    text = await readTextBounded(path);
  } catch (error) {
    const where = error instanceof NoTextError ? `${name}:${error.line}:${error.column}` : name;
    throw new ConfigError([{ where, message: `cannot be read: ${reasonOf(error)}` }], {
      hint: 'A task file is chosen with --file; without it, it is tasks.yaml.',
    });
  }
  return parseTaskFile(text, name, path);
}

/** @throws ConfigError for a text that is no YAML, or no mapping; what is wrong below is kept with the tasks. */
export async function parseTaskFile(text: string, name: string, location: string): Promise<TaskFile> {
  const { LineCounter, parseDocument } = await import('yaml');
  const source = new Source(name, text);
  const start = { source, offset: 0 };
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((e) => problemAt({ source, offset: e.pos[0] }, yamlMessage(e.message))));
  }
  const origin: Origin = { document, source };
  if (document.contents === null || pairsOf(document.contents, origin) === undefined) {
    throw new ConfigError([problemAt(start, 'is no task file: it must be a mapping with the key "tasks"')]);
  }
  const findings = new Findings();
  const root = new Reading(document.contents, 'file', { origin, findings, around: start });
  const tasks = new Map<string, Task>();
  const file: TaskFile = {
    source,
    location,
    includes: readIncludes(root),
    variables: root
      .items('variables')
      .map(({ node, at }) => readVariable(new Reading(node, 'variable', { origin, findings, around: at }))),
    tasks,
    warnings: findings.warnings,
  };
  for (const { node, at } of root.items('tasks')) {
    const own = new Findings();
    const task = readTask(new Reading(node, 'task', { origin, findings: own, around: at }), file, own);
    findings.warnings.push(...own.warnings);
    const earlier = tasks.get(task.name);
    if (earlier === undefined) tasks.set(task.name, task);
    else findings.warn(task.at, `task "${task.name}" is defined twice; the first one counts`);
  }
  if (findings.problems.length > 0) throw new ConfigError(dedupe(findings.problems));
  return file;
}

function dedupe(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.where} ${problem.message}`, problem])).values()];
}

function readIncludes(root: Reading): Include[] {
  const { origin, findings } = root;
  return root.items('includes').flatMap(({ node, at }) => {
    const pairs = pairsOf(node, origin);
    if (pairs?.size !== 1) {
      findings.problem(at, 'an include must be a mapping of one name to a path or URL');
      return [];
    }
    return [...pairs].flatMap(([key, { key: mark, value }]) => {
      const location = textOf(value, origin, mark);
      if (location !== undefined && location.value !== '') return { key, location, at: mark };
      findings.problem(mark, `include "${key}" must be a path or URL`);
      return [];
    });
  });
}

function readVariable(reading: Reading): Variable {
  return {
    name: reading.text('name')?.value ?? '',
    default: reading.text('default')?.value,
    pattern: reading.filled('pattern'),
    description: reading.text('description')?.value,
    prompt: reading.flag('prompt'),
    sensitive: reading.flag('sensitive'),
    at: reading.at,
  };
}

function readTask(reading: Reading, file: TaskFile, findings: Findings): Task {
  const { origin } = reading;
  const inputs = new Map<string, Input>();
  for (const [name, { key, value }] of reading.entries('inputs')) {
    const input = new Reading(value, 'input', { origin, findings, around: key });
    inputs.set(name, {
      name,
      description: input.text('description')?.value,
      default: input.text('default'),
      required: input.flag('required'),
      deprecatedMessage: input.filled('deprecatedMessage')?.value,
      at: key,
    });
  }
  return {
    name: reading.text('name')?.value ?? '',
    description: reading.text('description')?.value,
    inputs,
    envPath: reading.filled('envPath'),
    actions: readActions(reading, 'actions'),
    finally: readActions(reading, 'finally'),
    once: reading.flag('once'),
    internal: reading.flag('internal'),
    sources: reading.texts('sources'),
    generates: reading.texts('generates'),
    at: reading.at,
    file,
    problems: findings.problems,
  };
}
