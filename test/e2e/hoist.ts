// A world for whole runs on the embedded provider, with the tools that all tests share.

import { dirname, join } from 'node:path';
import { cacheHome } from '../../scripts/host/paths.ts';
import { type World, createWorld as worldOf } from '../world.ts';

export type { Ended, World } from '../world.ts';

/** A world whose clusters are removed when it closes. */
export function createWorld(): World {
  const { HOME: home } = process.env;
  const world = worldOf('e2e', {
    // Tools are shared: nobody wants to build them for each test.
    XDG_CACHE_HOME: dirname(cacheHome(process.env)),
    PROVIDER: 'embedded',
    MERGE_KUBECONFIG: 'true',
    ...(home === undefined ? {} : { GOPATH: join(home, 'go') }),
  });
  return {
    ...world,
    async close() {
      await world.hoist(['down', '--all', '--quiet']);
      await world.close();
    },
  };
}

/** A settings file that makes little, for tests of other things. */
export const SMALL = 'name: small\nnamespaces: [one]\n';
