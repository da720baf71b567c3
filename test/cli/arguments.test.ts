// From argv to flags and operands, and the help that tells of them.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseArguments } from '../../scripts/cli/arguments.ts';
import type { CommandSpec } from '../../scripts/cli/command.ts';
import { down } from '../../scripts/cli/commands/down/spec.ts';
import { status } from '../../scripts/cli/commands/status/spec.ts';
import { tools } from '../../scripts/cli/commands/tools/spec.ts';
import { up } from '../../scripts/cli/commands/up/spec.ts';
import { helpText } from '../../scripts/cli/help.ts';
import { UsageError } from '../../scripts/base/errors.ts';

const cli = suite('cli: arguments and help');

const refusal = (spec: CommandSpec, ...argv: string[]): string => {
  try {
    parseArguments(spec, argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
};

cli('switches, values in both forms, short flags, settings and operands', () => {
  const args = parseArguments(down, ['a', '--all', '--name=x', '--agents', '3', '-o', 'json', 'b', '--name', 'y']);
  assert.equal(args.switches, { all: true });
  assert.equal(args.values, { name: 'y', agents: '3', output: 'json' });
  assert.equal(args.all['name'], ['x', 'y']);
  assert.equal(args.operands, ['a', 'b']);
});

cli('all errors at once, with the nearest flag', () => {
  assert.is(
    refusal(up, '--nmae', 'x', '--plan=yes', '--config'),
    'unknown flag --nmae; did you mean --name?\n--plan takes no value\n--config needs a value: --config FILE\nunexpected "x"',
  );
});

cli('a flag is not taken for the value of the one before it', () => {
  assert.is(refusal(up, '--name', '--plan'), '--name needs a value: --name NAME');
});

cli('settings are refused where a command takes none', () => {
  assert.match(refusal(tools, '--agents', '2'), 'unknown flag --agents');
});

cli('each help fits 80 columns, has examples, and names every flag', () => {
  for (const spec of [up, down, status, tools]) {
    const text = helpText(spec);
    for (const line of text.split('\n')) assert.ok(line.length <= 80, `${spec.name}: ${line}`);
    assert.match(text, '\nExamples\n');
    for (const flag of spec.flags) assert.match(text, `--${flag.name}`);
  }
  assert.match(helpText(up), '[K3D_MEMORY_LIMIT_AGENT]');
});

cli.run();
