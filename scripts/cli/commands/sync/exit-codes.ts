// How `hoist sync` ends.

import { ExitCode } from '../../../base/errors.ts';

export const exitCodes = { synced: ExitCode.ok, failed: ExitCode.unhealthy, held: ExitCode.warnings } as const;
