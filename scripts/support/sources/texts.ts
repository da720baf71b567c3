// Where specs come from: files and stdin.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { ConfigError, type Problem, messageOf } from '../../base/errors.ts';
import type { SpecText } from '../spec/parse.ts';

/** Bytes of a spec that is still read. */
const MOST_BYTES = 16 << 20;

/** @throws ConfigError with all that cannot be read. */
export async function readTexts(
  operands: readonly string[],
  { cwd, stdin }: { cwd: string; stdin: NodeJS.ReadableStream },
): Promise<SpecText[]> {
  const problems: Problem[] = [];
  const texts = await Promise.all(
    operands.map(async (name): Promise<SpecText | undefined> => {
      try {
        const content = name === '-' ? await textOf(stdin) : await readFile(resolve(cwd, name), 'utf8');
        if (content.length > MOST_BYTES) throw new Error(`is larger than ${MOST_BYTES} bytes`);
        return { name: name === '-' ? 'stdin' : name, text: content };
      } catch (error) {
        problems.push({ where: name, message: `cannot be read: ${messageOf(error)}` });
        return undefined;
      }
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return texts.filter((one) => one !== undefined);
}
