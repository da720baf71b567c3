// What `hoist stop` does.

import { stop } from '../../../cluster/stop.ts';
import { clusterName } from '../../../base/names.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';

export async function runStop(args: CommandArguments, io: Io): Promise<number> {
  const operand = args.operands.map(clusterName)[0];
  const { output, context, settings: read } = commandContext(args, io);
  const { settings } = await read();
  const name = operand ?? settings.name;
  const result = await stop(name, { provider: settings.provider, signal: io.signal }, context);
  if (output.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'stop', ...result })}\n`);
  else if (!output.quiet) {
    const already = `cluster "${name}" (${result.provider}) is stopped already`;
    const stopped = `stopped cluster "${name}" (${result.provider}); its data is kept, \`hoist start ${name}\` starts it`;
    io.stdout.write(`${result.outcome === 'already' ? already : stopped}\n`);
  }
  return 0;
}
