// postgres: a connection as libpq makes it, and the server's version.

import type { ClientConfig } from 'pg';
import { HoistError, messageOf } from '../../../base/errors.ts';
import { type Answer, type Target, database, driver } from './database.ts';

export const postgres = database('postgres', async (target) => {
  // With the spec's own TLS, or as the address says; else as libpq prefers it: TLS of anybody, and none where that fails.
  if (target.tls) return connectWith(target, { ssl: target.tls });
  if (/[?&]sslmode=/.test(target.uri)) return connectWith(target, {});
  try {
    return await connectWith(target, { ssl: { rejectUnauthorized: false } });
  } catch (error) {
    if (!/does not support SSL/i.test(messageOf(error))) throw error;
    return connectWith(target, { ssl: false });
  }
});

async function connectWith({ uri, connectMs, signal }: Target, more: ClientConfig): Promise<Answer> {
  const { default: pg } = await driver('pg', () => import('pg'));
  const connectionString = /[?&]sslmode=/.test(uri) ? `${uri}&uselibpqcompat=true` : uri;
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: connectMs, ...more });
  // A connection that breaks later is an event, which has no other listener.
  client.on('error', () => undefined);
  const end = (): void => void client.end().catch(() => undefined);
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>('select version()');
    const said = rows[0]?.version ?? '';
    const version = /PostgreSQL ([0-9.]*)/.exec(said)?.[1];
    if (version === undefined) throw new HoistError(`postgres version did not match regex: "${said}"`);
    return { version };
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}
