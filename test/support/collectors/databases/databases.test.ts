// Databases: a real Postgres, stand-ins for the others, and no password in what is kept.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDsn } from '../../../../scripts/support/collectors/databases/mysql.ts';
import { bundleOf, bundleSpec } from '../../world.ts';

const test = suite('databases');

interface Result {
  isConnected: boolean;
  error?: string;
  version?: string;
  variables?: Record<string, string>;
}

async function resultOf(kind: string, keys: string): Promise<Result> {
  const { files, result } = await bundleOf(bundleSpec(`  collectors: [{${kind}: {${keys}}}]\n`));
  assert.equal(result.failures, []);
  return JSON.parse(files.get(`${kind}/${kind}.json`) ?? 'null') as Result;
}

async function listening(handle: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

const PASSWORD = 'pw-7Yh2k';

const initdb = ['/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/17/bin']
  .map((folder) => join(folder, 'initdb'))
  .find((file) => existsSync(file));
/** Postgres refuses to run as root. */
const user =
  process.getuid?.() === 0 ? Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout) : undefined;

if (initdb === undefined) test.skip('a real Postgres: there is none on this machine', () => undefined);
else
  test('a real Postgres: its version, and what it says to a wrong password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
    const as = user === undefined ? {} : { uid: user };
    if (user !== undefined) chownSync(folder, user, user);
    const data = join(folder, 'data');
    const passwords = join(folder, 'password');
    execFileSync('sh', ['-c', 'printf %s "$1" >"$2"', 'sh', PASSWORD, passwords], as);
    execFileSync(initdb, ['-D', data, '-A', 'scram-sha-256', '-U', 'ann', '--pwfile', passwords, '-N'], {
      ...as,
      stdio: 'ignore',
    });
    const { port, close } = await listening(() => undefined);
    close();
    const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
    const child = spawn(join(initdb, '../postgres'), flags, { ...as, stdio: 'ignore' });
    try {
      const uri = (password: string): string => `uri: "postgres://ann:${password}@127.0.0.1:${port}/postgres"`;
      let found = await resultOf('postgres', uri(PASSWORD));
      for (let round = 0; round < 100 && !found.isConnected; round++) {
        await sleep(100);
        found = await resultOf('postgres', uri(PASSWORD));
      }
      assert.is(found.isConnected, true, found.error);
      assert.match(found.version ?? '', /^1\d\.\d+$/);
      const disabled = await resultOf('postgres', uri(PASSWORD).replace('/postgres"', '/postgres?sslmode=disable"'));
      assert.equal(disabled, found);
      const wrong = await resultOf('postgres', uri('other'));
      assert.is(wrong.isConnected, false);
      assert.match(wrong.error ?? '', 'password authentication failed');
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    }
  });

/** What mysql2's own server offers, beyond what its types say. */
interface MysqlServer {
  _server: { once: (event: string, listener: () => void) => void };
  listen: (port: number, host: string) => void;
  close: () => void;
  on: (event: 'connection', listener: (wire: MysqlWire) => void) => void;
}
interface MysqlWire {
  sequenceId: number;
  serverHandshake: (options: object) => void;
  writeTextResult: (rows: object[], columns: object[]) => void;
  on: (event: string, listener: (sql: string) => void) => void;
}

test('redis: the version in what the server says; a login that it refuses', async () => {
  const info = '# Server\r\nredis_version:7.4.1\r\nredis_mode:standalone\r\n';
  const server = await listening((socket) =>
    socket.on('data', (chunk) => {
      for (const command of chunk.toString().split(/(?=\*\d+\r\n)/)) {
        if (/auth/i.test(command) && !command.includes(PASSWORD)) socket.write('-WRONGPASS invalid password\r\n');
        else if (/\r\ninfo\r\n/i.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`);
        else if (/hello/i.test(command)) socket.write("-ERR unknown command 'HELLO'\r\n");
        else socket.write('+OK\r\n');
      }
    }),
  );
  try {
    const uri = (password: string): string => `uri: "redis://:${password}@127.0.0.1:${server.port}"`;
    assert.equal(await resultOf('redis', uri(PASSWORD)), { isConnected: true, version: '7.4.1' });
    const wrong = await resultOf('redis', uri('other'));
    assert.is(wrong.isConnected, false);
    assert.match(wrong.error ?? '', /WRONGPASS/);
  } finally {
    server.close();
  }
});

test('mysql: the address of Go, the version, and only the variables that are asked for', async () => {
  const server = (mysql.createServer as unknown as () => MysqlServer)();
  const columns = (...names: string[]): object[] =>
    names.map((name) => ({
      catalog: 'def',
      schema: '',
      table: '',
      orgTable: '',
      name,
      orgName: name,
      characterSet: 33,
      columnLength: 384,
      columnType: 253,
      flags: 0,
      decimals: 0,
    }));
  server.on('connection', (wire) => {
    wire.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.4.0-double',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 8,
      capabilityFlags: 0xffffff,
    });
    wire.on('query', (sql) => {
      wire.sequenceId = 1;
      if (/version/i.test(sql)) wire.writeTextResult([{ version: '8.4.0' }], columns('version'));
      else
        wire.writeTextResult(
          [
            { Variable_name: 'max_connections', Value: '151' },
            { Variable_name: 'secret_key', Value: PASSWORD },
          ],
          columns('Variable_name', 'Value'),
        );
    });
    wire.on('error', () => undefined);
  });
  const { port, close } = await listening(() => undefined);
  close();
  await new Promise<void>((resolve) => {
    server._server.once('listening', resolve);
    server.listen(port, '127.0.0.1');
  });
  try {
    const uri = `uri: "ann:p@ss:${PASSWORD}@tcp(127.0.0.1:${port})/app?tls=false"`;
    assert.equal(await resultOf('mysql', uri), { isConnected: true, version: '8.4.0' });
    const variables = await resultOf('mysql', `${uri}, parameters: [max_connections, unknown]`);
    assert.equal(variables.variables, { max_connections: '151' });
  } finally {
    server.close();
  }
});

test("addresses of Go's mysql driver", () => {
  const of = (dsn: string): unknown[] => Object.values(parseDsn(dsn)).filter((value) => value !== undefined);
  assert.equal(of('u:p@tcp(db:3307)/app'), ['u', 'p', 'db', 3307, 'app']);
  assert.equal(of('u:p@:w/x@tcp([::1]:1)/'), ['u', 'p@:w/x', '::1', 1, '']);
  assert.equal(of('/app'), ['', '', '127.0.0.1', 3306, 'app']);
  assert.equal(of('u@unix(/run/my.sock)/app?tls=skip-verify'), [
    'u',
    '',
    '/run/my.sock',
    3306,
    '/run/my.sock',
    'app',
    'skip-verify',
  ]);
  for (const bad of ['', 'nothing', 'u@spdy(x)/a', 'u@tcp(x/a'])
    assert.throws(() => parseDsn(bad), /failed to parse/, bad);
});

test('a server that says nothing is given up, and no uri is in the error', async () => {
  const server = await listening(() => undefined);
  try {
    const uri = `uri: "redis://:${PASSWORD}@127.0.0.1:${server.port}", timeout: 700ms`;
    const { result } = await bundleOf(bundleSpec(`  collectors: [{redis: {${uri}}}]\n`));
    assert.is(result.failures[0]?.reason, 'timeout');
    for (const kind of ['postgres', 'mysql']) {
      const bad = await resultOf(kind, `uri: "${kind}://ann:${PASSWORD}@127.0.0.1:1/x"`);
      assert.is(bad.isConnected, false);
      assert.not.ok(JSON.stringify(bad).includes(PASSWORD), JSON.stringify(bad));
    }
  } finally {
    server.close();
  }
});

/** A server's greeting in ClickHouse's own protocol, in two parts; what it was sent is kept. */
async function clickhouseServer(answer: Buffer, sent: Buffer[]): Promise<{ port: number; close: () => void }> {
  return listening((socket) => {
    socket.once('data', (chunk) => {
      sent.push(chunk);
      socket.write(answer.subarray(0, 5));
      setImmediate(() => socket.write(answer.subarray(5)));
    });
  });
}

const words = (...values: (string | number)[]): Buffer =>
  Buffer.concat(
    values.map((value) =>
      typeof value === 'string'
        ? Buffer.from([Buffer.byteLength(value), ...Buffer.from(value)])
        : Buffer.from(value < 128 ? [value] : [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14]),
    ),
  );

test('clickhouse: the version in the greeting of its own protocol, and what it complains about', async () => {
  const greet = words(0, 'ClickHouse', 24, 3, 54_401, 'UTC', 'shown', 7);
  const complaint = Buffer.concat([words(2), Buffer.from([4, 2, 0, 0]), words('DB::Exception', 'no such user', '', 0)]);
  const old = words(0, 'ClickHouse', 1, 2, 54_032);
  for (const [answer, expected] of [
    [greet, { isConnected: true, version: '24.3.7' }],
    [old, { isConnected: true, version: '1.2' }],
    [complaint, { isConnected: false, error: 'code: 516, message: no such user' }],
    [Buffer.from('HTTP/1.1 400 Bad'), { isConnected: false, error: 'it does not speak the protocol of ClickHouse' }],
  ] as const) {
    const sent: Buffer[] = [];
    const { port, close } = await clickhouseServer(answer, sent);
    try {
      assert.equal(await resultOf('clickhouse', `uri: "clickhouse://ann:${PASSWORD}@127.0.0.1:${port}/app"`), expected);
      assert.ok(Buffer.concat(sent).includes(words('app', 'ann', PASSWORD)), 'it says who it is');
    } finally {
      close();
    }
  }
});

test('clickhouse over HTTP: the version, and an answer that is none', async () => {
  const { createServer: createHttp } = await import('node:http');
  const answers = [
    { status: 200, body: '24.3.7.30\n', expected: { isConnected: true, version: '24.3.7.30' } },
    { status: 403, body: 'denied', expected: { isConnected: false, error: 'HTTP 403: denied' } },
    { status: 200, body: '<html>', expected: { isConnected: false, error: 'the answer is no version' } },
  ];
  for (const { status, body, expected } of answers) {
    const asked: unknown[] = [];
    const server = createHttp((request, response) => {
      asked.push([request.url, request.headers['x-clickhouse-user'], request.headers['x-clickhouse-key']]);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      assert.equal(await resultOf('clickhouse', `uri: "http://ann:${PASSWORD}@127.0.0.1:${port}/app"`), expected);
      assert.equal(asked, [['/?query=SELECT+version%28%29&database=app', 'ann', PASSWORD]]);
    } finally {
      server.close();
    }
  }
});

test('a driver that is not installed is named, and the checks of it fail with that', async () => {
  const { result } = await bundleOf(
    bundleSpec(`  collectors: [{mssql: {uri: "sqlserver://sa:${PASSWORD}@127.0.0.1:1433"}}]\n`),
  );
  assert.match(result.failures[0]?.message ?? '', 'the npm package "tedious" is not installed');
});

test.run();
