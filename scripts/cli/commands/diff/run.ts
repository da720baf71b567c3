// What `hoist diff` does: exit code 0 where nothing differs, 1 where something does.

import { UsageError } from '../../../base/errors.ts';
import { clusterName } from '../../../base/names.ts';
import { diff, isDrift } from '../../../cluster/diff.ts';
import { prepare } from '../../../cluster/prepare-cluster.ts';
import { secretsOf } from '../../../cluster/record/run-content.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { maskSecrets, redactedText, redactedValue } from '../../redaction.ts';
import { driftLines } from './view.ts';

const DIFFERENT = 1;

export async function runDiff(args: CommandArguments, io: Io): Promise<number> {
  const { output, context, request } = commandContext(args, io);
  const [operand] = args.operands.map(clusterName);
  const flag = args.settings['name'];
  if (operand !== undefined && flag !== undefined && flag !== operand) {
    throw new UsageError(`the cluster is called "${operand}" and --name ${flag}`);
  }
  const flags = operand === undefined ? request.flags : { ...request.flags, name: operand };
  const prepared = await prepare({ ...request, flags }, context, { run: false });
  maskSecrets(secretsOf(prepared));
  const drift = await diff(prepared, io.signal, context);
  const different = isDrift(drift);
  if (output.output === 'json') {
    io.stdout.write(`${JSON.stringify({ type: 'diff', different, ...redactedValue(drift) })}\n`);
  } else {
    const lines = driftLines(drift, prepared.plan.cluster.name);
    for (const line of output.quiet ? lines.slice(-1) : lines) io.stdout.write(`${redactedText(line)}\n`);
  }
  return different ? DIFFERENT : 0;
}
