// `hoist sync install`: hive's kinds on a cluster that is to be a hub.

import { ExitCode } from '../../../../base/errors.ts';
import { installDefinitions } from '../../../../fleet/hub/install.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Arguments, Io } from '../../../command.ts';
import { outputWish } from '../../../output.ts';
import { hubClient } from '../hub-input.ts';
import { syncOptions } from '../options.ts';

export async function install(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const client = await hubClient(syncOptions(args), realWiring(io.env, io.cwd));
  try {
    const definitions = await installDefinitions(client, io.signal);
    const stdout = terminalOf(io.stdout, io.env);
    if (wish.output === 'json')
      stdout.write(`${JSON.stringify({ type: 'install', hub: client.server, definitions })}\n`);
    else for (const { name, outcome } of definitions) stdout.write(`${name} ${outcome}\n`);
    return ExitCode.ok;
  } finally {
    client.close();
  }
}
