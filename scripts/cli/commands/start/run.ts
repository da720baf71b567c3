// What `hoist start` does: run, show.

import { start } from '../../../cluster/start.ts';
import type { Situation } from '../../../providers/provider.ts';
import { clusterName } from '../../../base/names.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { showResumption } from '../../resumption.ts';

export async function runStart(args: CommandArguments, io: Io): Promise<number> {
  const operand = args.operands.map(clusterName)[0];
  const { output, context, settings: read } = commandContext(args, io);
  const loaded = await read();
  const { settings } = loaded;
  const name = operand ?? settings.name;
  return showResumption(
    {
      tool: 'start',
      name,
      facts: ({ situation }) => [['found', foundAs(situation)]],
      next: () => `Its data is kept: \`hoist start ${name}\` tries again.`,
    },
    (options) => start(name, settings, options, context),
    { output, context, loaded, io },
  );
}

/** What did not run, or that all did. */
function foundAs(situation: Situation): string {
  return situation.kind === 'damaged' ? situation.reasons.join(', ') : 'it ran already';
}
