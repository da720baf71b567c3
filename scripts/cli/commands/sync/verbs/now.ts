// `hoist sync now CLUSTER …`: asks the process that syncs the hub's fleet to look at clusters at once.

import { ExitCode, UsageError } from '../../../../base/errors.ts';
import { clusterDeploymentPath } from '../../../../fleet/hub/paths.ts';
import { NOW } from '../../../../fleet/desired/names.ts';
import { count } from '../../../../base/units.ts';
import { terminalOf } from '../../../../progress/terminal.ts';
import { realWiring } from '../../../../wiring.ts';
import type { Io } from '../../../command.ts';
import { hubClient } from '../hub-input.ts';
import type { FormArguments } from '../flags.ts';

export async function now(args: FormArguments<'now'>, io: Io): Promise<number> {
  const ids = args.operands.map((id) => {
    const [namespace, name, ...rest] = id.split('/');
    if (!namespace || !name || rest.length > 0) throw new UsageError(`"${id}" is not NAMESPACE/NAME of a cluster`);
    return { namespace, name };
  });
  if (ids.length === 0) throw new UsageError('name the clusters, as NAMESPACE/NAME');
  const context = realWiring(io.env, io.cwd);
  const client = await hubClient(args.flags, context);
  try {
    for (const { namespace, name } of ids) {
      await client.json({
        method: 'PATCH',
        path: clusterDeploymentPath(namespace, name),
        query: { fieldManager: 'hoist-sync-now' },
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations: { [NOW]: context.now().toISOString() } } },
        signal: io.signal,
      });
    }
    terminalOf(io.stdout, io.env).write(`${count(ids.length, 'cluster')} asked to be looked at\n`);
    return ExitCode.ok;
  } finally {
    client.close();
  }
}
