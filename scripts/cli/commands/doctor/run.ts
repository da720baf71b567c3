// What `hoist doctor` does: exit code 3 where a check failed.

import { diagnose } from '../../../cluster/doctor/doctor.ts';
import { ExitCode } from '../../../base/errors.ts';
import { styleFor } from '../../../progress/style.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import { findingLines } from './view.ts';

export async function runDoctor(args: CommandArguments, io: Io): Promise<number> {
  const { output, context, request } = commandContext(args, io);
  const { operands } = args;
  const [found, checks] = await Promise.all([
    diagnose(request, io.signal, context),
    operands.length === 0 ? [] : (await import('./checks.ts')).specFindings(operands, io, context),
  ]);
  const diagnosis = { ...found, findings: [...found.findings, ...checks] };
  const failed = diagnosis.findings.some(({ status }) => status === 'fail');
  const terminal = terminalOf(io.stdout, context.env);
  const columns = terminal.isTTY ? terminal.columns : Infinity;
  const text =
    output.output === 'json'
      ? JSON.stringify({ type: 'doctor', ok: !failed, ...diagnosis })
      : findingLines(diagnosis, { style: styleFor(terminal), quiet: output.quiet, columns }).join('\n');
  io.stdout.write(`${text}\n`);
  return failed ? ExitCode.unhealthy : ExitCode.ok;
}
