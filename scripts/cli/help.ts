// The help text of a command: at most 80 columns.

import { wrap } from '../base/layout.ts';
import { optionsOf } from '../settings/options.ts';
import { type CommandSpec, type Flag, helpFlag } from './command.ts';

const COLUMN = 32;

export function helpText(spec: CommandSpec): string {
  const lines = [
    ...wrap(spec.summary.split(' '), 80),
    '',
    ...usage('Usage: ', `hoist ${spec.name} ${spec.usage}`),
    ...usage('       ', `npx tsx scripts/${spec.name}.ts ${spec.usage}`),
    '',
    'Options',
    ...[...spec.flags, helpFlag].map(flagLine).flat(),
  ];
  const options = optionsOf(spec.settings);
  if (options.length > 0) {
    lines.push('', 'Settings, each also as env variable and in the settings file');
    lines.push(...options.flatMap((o) => entry(`--${o.flag} ${o.metavar}`, `${o.help} [${o.env}]`)));
  }
  if (spec.examples.length > 0) {
    lines.push('', 'Examples', ...spec.examples.flatMap(([line, what]) => [`  ${line}`, `      ${what}`]));
  }
  return `${lines.join('\n')}\n`;
}

function usage(before: string, line: string): string[] {
  return wrap(line.split(' '), 80 - before.length - 2).map((row, i) => (i === 0 ? before + row : `         ${row}`));
}

function flagLine({ name, short, metavar, bare, help }: Flag): string[] {
  const dashes = `${short === undefined ? '' : `-${short}, `}--${name}`;
  if (metavar === undefined) return entry(dashes, help);
  return entry(bare === undefined ? `${dashes} ${metavar}` : `${dashes}[=${metavar}]`, help);
}

/** The text beside the flag where it fits, else below it. */
function entry(left: string, text: string): string[] {
  const rows = wrap(text.split(' '), 80 - COLUMN - 2);
  const indent = ' '.repeat(COLUMN + 2);
  if (left.length > COLUMN - 2) return [`  ${left}`, ...rows.map((row) => indent + row)];
  return rows.map((row, i) => (i === 0 ? `  ${left.padEnd(COLUMN)}${row}` : indent + row));
}
