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
  const args = parseArguments(down, ['a', '--all', '--name=x', '--provider', 'k3d', '-o', 'json', 'b', '--name', 'y']);
  assert.equal(args.flags, {
    config: undefined,
    profile: undefined,
    'env-file': undefined,
    all: true,
    caches: false,
    'keep-cache': false,
    output: 'json',
    quiet: false,
    verbose: false,
  });
  assert.equal(args.settings, { name: 'y', provider: 'k3d' });
  assert.equal(args.operands, ['a', 'b']);
});

cli('the help is asked for by its flag alone', () => {
  assert.is(parseArguments(down, []).help, false);
  for (const flag of ['--help', '-h']) assert.is(parseArguments(down, ['a', flag]).help, true);
});

cli('all errors at once, with the nearest flag', () => {
  assert.is(
    refusal(up, 'pr-1', '--nmae', 'x', '--plan=yes', '--config'),
    'unknown flag --nmae; did you mean --name?\n--plan takes no value\n--config needs a value: --config FILE\nunexpected "x"',
  );
});

cli('a flag is not taken for the value of the one before it', () => {
  assert.is(refusal(up, '--name', '--plan'), '--name needs a value: --name NAME');
});

cli('a flag that may be given several times keeps all its values', () => {
  const { flags } = parseArguments(up, ['--sweep', 'agents=1,2', '--sweep=concurrency=4,8']);
  assert.equal((flags as Record<string, unknown>)['sweep'], ['agents=1,2', 'concurrency=4,8']);
});

cli('a setting that a command does not read is refused, and not in its help', () => {
  assert.is(refusal(tools, '--agents', '2'), '--agents is a setting that `hoist tools` does not read');
  assert.is(refusal(status, '--agents=2'), '--agents is a setting that `hoist status` does not read');
  assert.not.match(helpText(status), '--agents');
  assert.match(helpText(status), '--log-dir');
  assert.not.match(helpText(tools), 'Settings');
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
