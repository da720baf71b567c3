// What the dead-code check takes as entries: everything else must be reached from these.

import type { KnipConfig } from 'knip';

/** `knip --production` leaves tests and benches out: what these alone use is dead. */
const production = process.argv.includes('--production');

const config: KnipConfig = {
  entry: [
    'scripts/*.ts!',
    'scripts/cli/hoist.ts!',
    // Named by package.json alone, which a production run does not look at.
    ...(production
      ? ['bin/build.mjs!', 'scripts/settings/generate-schema.ts!', 'scripts/tasks/generate-schema.ts!']
      : []),
    'scripts/records/report/page/main.ts!',
    'scripts/fleet/page/client/main.ts!',
    'scripts/support/page/client/main.ts!',
    'bin/hoist!',
    'test/**/*.test.ts',
    'bench/*.ts',
    'docs/images/*.ts',
    // Started as a program, by the shell script beside it.
    'test/doubles/k3d-double.ts',
    // Started as a program by test/shared-process.ts.
    'test/file-after-file.ts',
    // Imported by the changed code that test/mutants.ts writes.
    'test/mutants/switch.ts',
    // What CI runs beside the tests.
    'test/other-nodes.ts',
    'test/package.ts',
  ],
  project: ['scripts/**/*.ts!', 'test/**/*.ts', 'bench/**/*.ts', 'docs/**/*.ts'],
  ignore: ['test/fixtures/**'],
  // Programs of the machine, which tests look for and do without.
  ignoreBinaries: [
    'docker-registry',
    'dockerd',
    'go',
    'ip',
    'k3d',
    'kubectl',
    'maru',
    'mkfifo',
    'mount',
    'openssl',
    'script',
    'umount',
    'unshare',
  ],
  // Both sides of an interface are exported, so that a reader of one finds the other.
  // What its own file uses may be exported for its test.
  ignoreExportsUsedInFile: production ? true : { interface: true, type: true },
};

export default config;
