// The process that runs test files one after another: reads a path from stdin, runs it, writes `fileEnd` with its exit code.
// Started by SharedProcess; not a test.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { fileEnd } from './shared-process.ts';

interface Uvu {
  UVU_DEFER?: number;
  UVU_QUEUE: unknown[][];
}

const uvu = globalThis as unknown as Uvu;
// Before it is loaded: then `run()` of a suite puts it into the queue, and `exec` runs the queue.
uvu.UVU_DEFER = 1;
const { exec } = await import('uvu');

const folder = process.cwd();
const environment = { ...process.env };

/** What a file left changed would be there for the next one. */
function leftChanged(): string[] {
  const names = new Set([...Object.keys(environment), ...Object.keys(process.env)]);
  const changed = [...names].filter((name) => environment[name] !== process.env[name]);
  for (const name of changed) {
    if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = environment[name];
  }
  if (process.cwd() !== folder) changed.push('the working directory');
  process.chdir(folder);
  return changed;
}

for await (const file of createInterface({ input: process.stdin })) {
  uvu.UVU_QUEUE.splice(0, Infinity, [null]);
  process.exitCode = 0;
  try {
    await import(pathToFileURL(file).href);
    await exec();
  } catch (error) {
    process.stdout.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exitCode = 1;
  }
  const changed = leftChanged();
  if (changed.length > 0) {
    process.stdout.write(`it leaves changed: ${changed.join(', ')}\n`);
    process.exitCode = 1;
  }
  process.stdout.write(`\n${fileEnd(process.exitCode)}\n`);
}
process.exit(0);
