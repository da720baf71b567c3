// Readers of older records: one step from each schema version to the next.

import { SCHEMA_VERSION } from './record.ts';

type Json = Record<string, unknown>;

/** Version N → how a record of version N becomes one of N + 1. */
export type Migrations = Readonly<Record<number, (record: Json) => Json>>;

/** Nothing is older than the first version yet; who raises SCHEMA_VERSION adds the step from the version before. */
const MIGRATIONS: Migrations = {};

/**
 * Brings a record of an older schema up to the current one.
 * @returns undefined where no reader knows its version: it is newer, or not a version at all.
 */
export function upgrade(record: Json, migrations: Migrations = MIGRATIONS, current = SCHEMA_VERSION): Json | undefined {
  let upgraded = record;
  for (;;) {
    const version = upgraded['schema'];
    if (version === current) return upgraded;
    const step = typeof version === 'number' && version < current ? migrations[version] : undefined;
    if (step === undefined || typeof version !== 'number') return undefined;
    upgraded = { ...step(upgraded), schema: version + 1 };
  }
}
