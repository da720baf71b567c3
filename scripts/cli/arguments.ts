// Turns argv into a command's flags, settings and operands, or says what is wrong with it.

import { parseArgs } from 'node:util';
import { UsageError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { optionsOf, settingOptions } from '../settings/options.ts';
import { type Arguments, type CommandSpec, type Flag, helpFlag } from './command.ts';

/** @throws UsageError with every unknown flag, missing value and superfluous operand. */
export function parseArguments(spec: CommandSpec, argv: readonly string[]): Arguments {
  const flags = [...spec.flags, helpFlag, ...settingFlags(spec.settings)];
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
    if (!flag) problems.push(unknownFlag(token.rawName, token.name, spec, known));
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
  const isSetting = new Set(settingOptions.map(({ flag }) => flag));
  const settings = Object.entries(all).filter(([name]) => isSetting.has(name));
  return {
    // Each value has the type that its flag's entry in the list gives it.
    flags: Object.fromEntries(
      spec.flags.map((flag) => [flag.name, valueOf(flag, switches, all)]),
    ) as Arguments['flags'],
    settings: Object.fromEntries(settings.map(([name, given]) => [name, given.at(-1) ?? ''])),
    operands,
    help: switches[helpFlag.name] ?? false,
  };
}

function valueOf(
  { name, metavar, many }: Flag,
  switches: Readonly<Record<string, boolean>>,
  all: Readonly<Record<string, readonly string[]>>,
): boolean | string | undefined | readonly string[] {
  if (metavar === undefined) return switches[name] ?? false;
  return many ? (all[name] ?? []) : all[name]?.at(-1);
}

/** The flags of settings; a boolean one takes its value too, so that it can be turned off. */
function settingFlags(keys: CommandSpec['settings']): Flag[] {
  return optionsOf(keys).map(({ flag, metavar, help }) => ({ name: flag, metavar, help }));
}

function unknownFlag(rawName: string, name: string, spec: CommandSpec, known: ReadonlyMap<string, Flag>): string {
  const isSetting = settingOptions.some(({ flag }) => flag === name);
  if (isSetting) return `${rawName} is a setting that \`hoist ${spec.name}\` does not read`;
  const other = elsewhere[name];
  if (other !== undefined && known.has(other)) return `unknown flag ${rawName}; did you mean --${other}?`;
  return `unknown flag ${rawName}${didYouMean(name, known.keys(), '--')}`;
}

/** What other tools call it. */
const elsewhere: Readonly<Record<string, string>> = {
  'dry-run': 'plan',
  file: 'config',
  filename: 'manifests',
  namespace: 'namespaces',
  values: 'config',
};
