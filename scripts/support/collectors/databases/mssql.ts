// mssql: a connection to Microsoft's SQL Server, and its version.

import { HoistError } from '../../../base/errors.ts';
import { type Answer, type Target, database, driver } from './database.ts';

export const mssql = database('mssql', async (target): Promise<Answer> => {
  return { version: versionIn(await saidBy(target)) };
});

/** @param said `Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (X64) …`. @throws HoistError where there is none in it */
export function versionIn(said: string): string {
  const version = /SQL.*-\s+([0-9.]+)/.exec(said)?.[1];
  if (version === undefined) throw new HoistError(`mssql version did not match regex: "${said}"`);
  return version;
}

/** Not among hoist's own packages, not even for its tests: it brings eighty others. */
const DRIVER = { name: 'tedious' };

/** As much of it as is used here. */
interface Tedious {
  Connection: new (config: object) => {
    connect: (done: (error?: Error) => void) => void;
    execSql: (request: SqlRequest) => void;
    close: () => void;
  };
  Request: new (sql: string, done: (error?: Error | null) => void) => SqlRequest;
}

interface SqlRequest {
  on: (event: 'row', listener: (columns: { value: unknown }[]) => void) => void;
}

/** As the driver takes them: `sqlserver://user:password@host:port?database=x`. */
export function connectionOptions({ uri, tls, connectMs }: Pick<Target, 'uri' | 'tls' | 'connectMs'>) {
  const { hostname, port, username, password, searchParams } = new URL(uri);
  const encrypt = searchParams.get('encrypt');
  return {
    server: hostname,
    authentication: {
      type: 'default',
      options: { userName: decodeURIComponent(username), password: decodeURIComponent(password) },
    },
    options: {
      port: Number(port || 1433),
      connectTimeout: connectMs,
      database: searchParams.get('database') ?? undefined,
      encrypt: encrypt !== 'disable' && encrypt !== 'false',
      trustServerCertificate:
        tls?.rejectUnauthorized === false || searchParams.get('trustservercertificate')?.toLowerCase() === 'true',
    },
  };
}

async function saidBy(target: Target): Promise<string> {
  const { Connection, Request } = await driver('tedious', async () => {
    const loaded = (await import(DRIVER.name)) as Tedious & { default?: Tedious };
    // A module of CommonJS, whose exports are the default one; some loaders give them as they are.
    return loaded.default ?? loaded;
  });
  const connection = new Connection(connectionOptions(target));
  const { signal } = target;
  const end = (): void => connection.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    return await new Promise<string>((resolve, reject) => {
      let said = '';
      const request = new Request('select @@VERSION as version', (error) => (error ? reject(error) : resolve(said)));
      request.on('row', (columns) => void (said = String(columns[0]?.value)));
      connection.execSql(request);
    });
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}
