// Asks the user of a terminal for the value of a variable; what is secret is not shown while it is typed.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { HoistError } from '../../../base/errors.ts';
import { forStream } from '../../../base/terminal-text.ts';
import type { Question } from '../../../tasks/variables/ask.ts';
import type { Io } from '../../command.ts';

/** What stands before the answer: the name, what it is for, and what an empty answer means. */
export function promptOf({ name, description, default: given, sensitive }: Omit<Question, 'wrong'>): string {
  const empty = given === undefined || given === '' ? '' : sensitive ? ' [***]' : ` [${given}]`;
  const about = description === undefined ? '' : ` (${description})`;
  return `${name}${about}${empty}: `;
}

/** @throws the signal's reason where the run is ended meanwhile */
export async function askOnTerminal(question: Question, { stderr, signal }: Io): Promise<string> {
  const { name, sensitive, wrong } = question;
  if (wrong !== undefined) stderr.write(forStream(`${wrong}\n`));
  stderr.write(forStream(promptOf(question)));
  const output = sensitive ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: sensitive });
  // Read from the terminal, Ctrl-C is a key like any other.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const closed = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new HoistError(`the input has ended before ${name} was given`)));
  });
  closed.catch(() => undefined);
  try {
    return await Promise.race([lines.question('', { signal }), closed]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
    if (sensitive) stderr.write('\n');
  }
}
