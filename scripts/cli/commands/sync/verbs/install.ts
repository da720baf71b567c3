// `hoist sync install`: hive's kinds on a cluster that is to be a hub.

import { ExitCode } from '../../../../base/errors.ts';
import { installDefinitions } from '../../../../fleet/hub/install.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { outputOptions } from '../../../output.ts';
import type { FormArguments } from '../flags.ts';
import { hubClient } from '../hub-input.ts';

export async function install(args: FormArguments<'install'>, io: Io): Promise<number> {
  const { output } = outputOptions(args);
  const client = await hubClient(args.flags, realWiring(io.env, io.cwd));
  try {
    const definitions = await installDefinitions(client, io.signal);
    const stdout = terminalOf(io.stdout, io.env);
    if (output === 'json') stdout.write(`${JSON.stringify({ type: 'install', hub: client.server, definitions })}\n`);
    else for (const { name, outcome } of definitions) stdout.write(`${name} ${outcome}\n`);
    return ExitCode.ok;
  } finally {
    client.close();
  }
}
