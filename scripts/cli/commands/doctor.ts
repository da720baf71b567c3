// `hoist doctor`: its words and flags.

import { type CommandSpec, outputFlags } from '../command.ts';
import { settingsFlags } from '../settings-input.ts';

export const doctor: CommandSpec = {
  name: 'doctor',
  summary: 'Looks at everything that would make `up` fail later, and says what to do about it.',
  usage: '[options]',
  flags: [...settingsFlags, ...outputFlags],
  settings: true,
  operands: 0,
  examples: [
    ['hoist doctor', 'the provider that `up` would take'],
    ['hoist doctor --provider k3d --output json', 'this one, for programs'],
  ],
  run: async (args, io) => (await import('../run-doctor.ts')).runDoctor(args, io),
};
