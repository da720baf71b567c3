// Turns argv into a command's flags, settings and operands, or says what is wrong with it.

import { parseArgs } from 'node:util';
import { nearest } from '../base/suggest.ts';
import { UsageError } from '../base/errors.ts';
import { settingOptions } from '../settings/options.ts';
import { type Arguments, type CommandSpec, type Flag, helpFlag } from './command.ts';

/** @throws UsageError with every unknown flag, missing value and superfluous operand. */
export function parseArguments(spec: CommandSpec, argv: readonly string[]): Arguments {
  const flags = [...spec.flags, helpFlag, ...(spec.settings ? settingFlags() : [])];
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      flags.map((f) => [
        f.name,
        {
          type: f.metavar === undefined || f.bare !== undefined ? 'boolean' : 'string',
          ...(f.short === undefined ? {} : { short: f.short }),
        } as const,
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const problems: string[] = [];
  const switches: Record<string, boolean> = {};
  const all: Record<string, string[]> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = known.get(token.name);
    if (!flag) problems.push(`unknown flag ${token.rawName}${suggestion(token.name, known.keys())}`);
    else if (flag.metavar === undefined && token.value !== undefined) problems.push(`${token.rawName} takes no value`);
    else if (flag.metavar === undefined) switches[flag.name] = true;
    else if (flag.bare !== undefined) (all[flag.name] ??= []).push(token.value ?? flag.bare);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      problems.push(`${token.rawName} needs a value: ${token.rawName} ${flag.metavar}`);
    } else (all[flag.name] ??= []).push(token.value);
  }
  if (operands.length > spec.operands) {
    problems.push(
      `unexpected ${operands
        .slice(spec.operands)
        .map((o) => `"${o}"`)
        .join(', ')}`,
    );
  }
  if (problems.length > 0) {
    throw new UsageError(problems.join('\n'), { hint: `\`hoist ${spec.name} --help\` lists what it takes.` });
  }
  const values = Object.fromEntries(Object.entries(all).map(([name, given]) => [name, given.at(-1) ?? '']));
  return { switches, values, all, operands };
}

/** The settings' flags; a boolean one takes its value too, so that it can be turned off. */
function settingFlags(): Flag[] {
  return settingOptions.map(({ flag, metavar, help }) => ({ name: flag, metavar, help }));
}

function suggestion(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return guess === undefined ? '' : `; did you mean --${guess}?`;
}
