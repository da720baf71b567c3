// mysql: a connection by an address as Go's driver writes it, the server's version, and variables that are asked for.

import type { ConnectionOptions } from 'node:tls';
import { HoistError } from '../../../base/errors.ts';
import { type Answer, type Target, database, driver } from './database.ts';

export interface MysqlAddress {
  user: string;
  password: string;
  host: string;
  port: number;
  socketPath: string | undefined;
  database: string;
  /** `true`, `skip-verify`, `preferred`; undefined for none. */
  tls: string | undefined;
}

/** `user:password@tcp(host:port)/database?tls=skip-verify`. @throws HoistError for anything else */
export function parseDsn(dsn: string): MysqlAddress {
  const slash = dsn.lastIndexOf('/');
  if (slash < 0) throw new HoistError('failed to parse mysql config: the address has no slash before the database');
  const [before, after] = [dsn.slice(0, slash), dsn.slice(slash + 1)];
  const at = before.lastIndexOf('@');
  const [login, where] = at < 0 ? ['', before] : [before.slice(0, at), before.slice(at + 1)];
  const colon = login.indexOf(':');
  const [user, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)];
  const [, net = 'tcp', address = ''] = /^(\w*)(?:\((.*)\))?$/s.exec(where) ?? [];
  if (where !== '' && !/^\w*(\(.*\))?$/s.test(where))
    throw new HoistError('failed to parse mysql config: the address is nothing like tcp(host:port)');
  if (net !== '' && net !== 'tcp' && net !== 'unix')
    throw new HoistError(`failed to parse mysql config: the network "${net}" is not known`);
  const [name = '', query = ''] = after.split('?');
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/s.exec(address) ?? [];
  return {
    user,
    password,
    host: host.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(port ?? 3306),
    socketPath: net === 'unix' ? address : undefined,
    database: name,
    tls: new URLSearchParams(query).get('tls') ?? undefined,
  };
}

function tlsOf({ tls }: Target, address: MysqlAddress): ConnectionOptions | undefined {
  if (tls) return tls;
  if (address.tls === undefined || address.tls === 'false') return undefined;
  return address.tls === 'true' ? {} : { rejectUnauthorized: false };
}

interface Row {
  version?: string;
  Variable_name?: string;
  Value?: string;
}

export const mysql = database('mysql', async (target): Promise<Answer> => {
  const address = parseDsn(target.uri);
  const { createConnection } = await driver('mysql2', () => import('mysql2/promise'));
  const { user, password, host, port, socketPath, database: name } = address;
  const ssl = tlsOf(target, address);
  const connection = await createConnection({
    user,
    password,
    ...(socketPath === undefined ? { host, port } : { socketPath }),
    ...(name === '' ? {} : { database: name }),
    ...(ssl === undefined ? {} : { ssl: ssl as object }),
    connectTimeout: target.connectMs,
  });
  const end = (): void => connection.destroy();
  target.signal.addEventListener('abort', end, { once: true });
  try {
    const [versions] = await connection.query('select version() as version');
    const version = (versions as Row[])[0]?.version ?? '';
    if (target.parameters.length === 0) return { version };
    const [rows] = await connection.query('SHOW VARIABLES');
    const all = new Map((rows as Row[]).map(({ Variable_name: key = '', Value: value = '' }) => [key, value]));
    const wanted = target.parameters.flatMap((key) => {
      const value = all.get(key);
      return value === undefined ? [] : [[key, value] as const];
    });
    return { version, variables: Object.fromEntries(wanted) };
  } finally {
    target.signal.removeEventListener('abort', end);
    end();
  }
});
