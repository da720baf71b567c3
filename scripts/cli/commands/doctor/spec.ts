// `hoist doctor`: its words and flags.

import { defineCommand, outputFlags } from '../../command.ts';
import { settingsFlags } from '../../settings-input.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Looks at all that would make `up` fail later, and says what to do about it.',
  usage: '[SPEC…] [options]',
  flags: [
    {
      name: 'apply',
      metavar: 'docker',
      help: "instead, merge the cache of docker.io and parallel downloads into Docker's daemon.json, and have dockerd take them over",
    },
    {
      name: 'daemon-json',
      metavar: 'FILE',
      help: 'that file, where it is not the usual one [HOIST_DOCKER_DAEMON_JSON]',
    },
    {
      name: 'daemon-pid',
      metavar: 'FILE',
      help: "dockerd's pid file, where it is not the usual one [HOIST_DOCKER_PIDFILE]",
    },
    ...settingsFlags,
    ...outputFlags,
  ],
  settings: 'all',
  operands: 100,
  offers: { files: true },
  examples: [
    ['hoist doctor', 'the provider that `up` would take'],
    ['sudo -E npx hoist doctor --apply docker', 'the engine itself pulls through the cache too'],
    ['hoist doctor --provider k3d --output json', 'this one, for programs'],
    ['hoist doctor host-preflight.yaml', "also the checks of a vendor's HostPreflight or Preflight"],
  ],
  run: async (args, io) =>
    args.flags.apply === undefined
      ? (await import('./run.ts')).runDoctor(args, io)
      : (await import('./apply-docker.ts')).runApplyDocker(args, io),
});
