// What `hoist doctor` does: exit code 3 where a check failed.

import { diagnose, type Diagnosis } from '../../../cluster/doctor.ts';
import { ExitCode } from '../../../base/errors.ts';
import { count } from '../../../base/units.ts';
import { type Style, styleFor } from '../../../progress/style.ts';
import { plain } from '../../../base/layout.ts';
import { terminalOf } from '../../../progress/terminal.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';
import type { OutputOptions } from '../../output.ts';

export async function runDoctor(args: CommandArguments, io: Io): Promise<number> {
  const { output, context, request } = commandContext(args, io);
  const diagnosis = await diagnose(request, io.signal, context);
  const failed = diagnosis.findings.some(({ status }) => status === 'fail');
  const text =
    output.output === 'json'
      ? JSON.stringify({ type: 'doctor', ok: !failed, ...diagnosis })
      : lines(diagnosis, styleFor(terminalOf(io.stdout, context.env)), output).join('\n');
  io.stdout.write(`${text}\n`);
  return failed ? ExitCode.unhealthy : ExitCode.ok;
}

/** One for each finding, with what to do next, and a verdict; with `quiet` only what failed. */
function lines({ provider, findings }: Diagnosis, style: Style, { quiet }: OutputOptions): string[] {
  const { done, warning, failed } = style.marks;
  const marks = { ok: style.good(done), warn: style.warn(warning), fail: style.bad(failed) };
  const width = Math.max(...findings.map(({ name }) => plain(name).length)) + 2;
  const rows = findings
    .filter(({ status }) => !quiet || status === 'fail')
    .map(({ name, status, detail, hint }) => {
      const next = hint === undefined ? '' : `${/[.!?]$/.test(detail) ? '' : '.'} ${hint}`;
      return `${marks[status]} ${plain(name).padEnd(width)}${plain(detail + next)}`;
    });
  const fails = findings.filter(({ status }) => status === 'fail').length;
  const warnings = findings.filter(({ status }) => status === 'warn').length;
  const warned = warnings > 0 ? `, ${style.warn(count(warnings, 'warning'))}` : '';
  const verdict = fails > 0 ? style.bad(count(fails, 'failure')) : style.good('no problems found');
  return [...rows, `${provider}: ${verdict}${warned}`];
}
