// What the dead-code check takes as entries: everything else must be reached from these.

import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: ['scripts/*.ts', 'scripts/cli/hoist.ts', 'scripts/settings/generate-schema.ts', 'scripts/history/report/page/main.ts', 'bin/hoist', 'bin/build.mjs', 'test/run.ts', 'test/**/*.test.ts', 'bench/*.ts'],
  project: ['scripts/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
  ignore: ['test/fixtures/**'],
  // Both sides of an interface are exported, so that a reader of one finds the other.
  // Programs of the machine, which tests look for and do without.
  ignoreBinaries: ['go', 'kubectl', 'openssl', 'script'],
  ignoreExportsUsedInFile: { interface: true, type: true },
};

export default config;
