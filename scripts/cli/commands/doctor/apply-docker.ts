// What `hoist doctor --apply docker` does.

import { type Applied, applyDocker } from '../../../cluster/apply-docker.ts';
import { readSettings } from '../../../cluster/prepare.ts';
import { ExitCode, UsageError } from '../../../base/errors.ts';
import { realWiring } from '../../../wiring.ts';
import type { Arguments, Io } from '../../command.ts';
import { outputWish } from '../../output.ts';
import { environment } from '../../settings-input.ts';

export async function runApplyDocker(args: Arguments, io: Io): Promise<number> {
  const wish = outputWish(args);
  const what = args.values['apply'];
  if (what !== 'docker') throw new UsageError(`--apply must be docker, not "${what ?? ''}"`);
  const wiring = realWiring(environment(args, io), io.cwd);
  const { settings } = await readSettings({ config: args.values['config'], flags: args.values }, wiring);
  const file = args.values['daemon-json'] ?? wiring.env['HOIST_DOCKER_DAEMON_JSON'];
  const pidFile = args.values['daemon-pid'] ?? wiring.env['HOIST_DOCKER_PIDFILE'];
  const applied = await applyDocker(settings, { file, pidFile, signal: io.signal }, wiring);
  if (wish.output === 'json') io.stdout.write(`${JSON.stringify({ type: 'doctor.apply', ...applied })}\n`);
  else if (!wish.quiet || applied.pending !== undefined) io.stdout.write(`${lines(applied).join('\n')}\n`);
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
