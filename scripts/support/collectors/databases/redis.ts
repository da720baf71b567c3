// redis: a connection, and the version in what the server says of itself.

import { database, driver } from './database.ts';

export const redis = database('redis', async ({ uri, tls, connectMs, signal }) => {
  const { createClient } = await driver('@redis/client', () => import('@redis/client'));
  const client = createClient({
    url: uri,
    // Servers before version 6 know no other.
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: connectMs, reconnectStrategy: false, ...(tls ? { ...tls, tls: true as const } : {}) },
  });
  // It reports errors twice; those of `connect` and `info` are enough.
  client.on('error', () => undefined);
  const end = (): void => client.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    const said = await client.info('server');
    return { version: /^redis_version:(.*)$/m.exec(said)?.[1]?.trim() ?? '' };
  } finally {
    signal.removeEventListener('abort', end);
    if (client.isOpen) end();
  }
});
