// What `hoist stop` does.

import { readSettings } from '../../../cluster/prepare.ts';
import { stop } from '../../../cluster/stop.ts';
import { clusterName } from '../../../base/names.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { environment } from '../../settings-input.ts';

export async function runStop(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const operand = args.operands.map(clusterName)[0];
  const wiring = realWiring(environment(args, io), io.cwd);
  const { settings } = await readSettings({ config: args.values['config'], flags: args.values }, wiring);
  const name = operand ?? settings.name;
  const result = await stop(name, { provider: settings.provider, signal: io.signal }, wiring);
  if (wish.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'stop', ...result })}\n`);
  else if (!wish.quiet) {
    const already = `cluster "${name}" (${result.provider}) is stopped already`;
    const stopped = `stopped cluster "${name}" (${result.provider}); its data is kept, \`hoist start ${name}\` starts it`;
    io.stdout.write(`${result.outcome === 'already' ? already : stopped}\n`);
  }
  return 0;
}
