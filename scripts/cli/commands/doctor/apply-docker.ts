// What `hoist doctor --apply docker` does.

import { type Applied, applyDocker } from '../../../cluster/doctor/apply-docker.ts';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { type CommandArguments, commandContext } from '../../command-context.ts';
import type { Io } from '../../command.ts';

export async function runApplyDocker(
  args: CommandArguments<Record<'apply' | 'daemon-json' | 'daemon-pid', string | undefined>>,
  io: Io,
): Promise<number> {
  const what = args.flags.apply;
  if (what !== 'docker') throw new UsageError(`--apply must be docker, not "${what ?? ''}"`);
  const { output, context, settings: read } = commandContext(args, io);
  const { settings } = await read();
  const file = args.flags['daemon-json'] ?? context.env['HOIST_DOCKER_DAEMON_JSON'];
  const pidFile = args.flags['daemon-pid'] ?? context.env['HOIST_DOCKER_PIDFILE'];
  const applied = await applyDocker(settings, { file, pidFile, signal: io.signal }, context);
  if (output.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'doctor.apply', ...applied })}\n`);
  else if (!output.quiet || applied.pending !== undefined) io.stdout.write(`${lines(applied).join('\n')}\n`);
  return applied.pending === undefined ? ExitCode.ok : ExitCode.other;
}

function lines({ file, changes, left, backup, reloaded, pending }: Applied): string[] {
  return [
    ...(changes.length === 0 ? [`unchanged: ${file}`] : changes.map((change) => `${file}: ${change}`)),
    ...left.map((what) => `left: ${what}`),
    ...(backup === undefined ? [] : [`as it was: ${backup}`]),
    ...(reloaded === undefined ? [] : [`dockerd (pid ${reloaded}) has taken it over`]),
    ...(pending === undefined ? [] : [`not in force yet: ${pending}. Restart dockerd.`]),
  ];
}
