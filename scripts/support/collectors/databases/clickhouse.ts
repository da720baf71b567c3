// clickhouse: the version that a server says of itself, over HTTP or in the greeting of its own protocol.

import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import { HoistError } from '../../../base/errors.ts';
import { type Answer, type Target, database } from './database.ts';

/** Addresses as Go's driver takes them: `clickhouse://user:password@host:9000/database?secure=true`, or HTTP's. */
export const clickhouse = database('clickhouse', (target): Promise<Answer> => {
  if (!URL.canParse(target.uri)) throw new HoistError("couldn't parse clickhouse URI");
  const url = new URL(target.uri);
  if (/^https?:$/.test(url.protocol)) return overHttp(target, url);
  if (/^(clickhouse|tcp|native):$/.test(url.protocol)) return greeting(target, url);
  throw new HoistError(`couldn't parse clickhouse URI: the scheme ${url.protocol} is not known`);
});

const loginOf = ({
  username,
  password,
  pathname,
  searchParams,
}: URL): Record<'user' | 'password' | 'name', string> => ({
  user: decodeURIComponent(username) || (searchParams.get('username') ?? 'default'),
  password: decodeURIComponent(password) || (searchParams.get('password') ?? ''),
  name: decodeURIComponent(pathname.slice(1)) || (searchParams.get('database') ?? 'default'),
});

/** Of the spec, or as the address says. */
function tlsOf({ tls }: Target, { searchParams }: URL): ConnectionOptions | undefined {
  const isTrue = (key: string): boolean => searchParams.get(key) === 'true';
  if (tls === undefined && !isTrue('secure')) return undefined;
  return { ...tls, ...(isTrue('skip_verify') ? { rejectUnauthorized: false } : {}) };
}

/** Bytes of an answer that are read: a version, or an error with a stack. */
const MOST_BYTES = 64 << 10;

async function overHttp(target: Target, url: URL): Promise<Answer> {
  const { user, password, name } = loginOf(url);
  const { rejectUnauthorized, ca, cert, key } = target.tls ?? {};
  const connect = { rejectUnauthorized: rejectUnauthorized ?? true, ca, cert, key } as NonNullable<
    Agent.Options['connect']
  >;
  const dispatcher = new Agent({ connect });
  try {
    const query = new URLSearchParams({ query: 'SELECT version()', database: name });
    const answer = await request(`${url.origin}/?${query.toString()}`, {
      headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
      signal: AbortSignal.any([target.signal, AbortSignal.timeout(target.connectMs)]),
      dispatcher,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((size += chunk.length) > MOST_BYTES) break;
    }
    const said = Buffer.concat(chunks).toString('utf8').trim();
    if (answer.statusCode !== 200) throw new HoistError(`HTTP ${answer.statusCode}: ${said.slice(0, 500)}`);
    if (!/^\d+\.\d[\w.-]*$/.test(said)) throw new HoistError('the answer is no version');
    return { version: said };
  } finally {
    await dispatcher.destroy();
  }
}

/** The oldest revision of the protocol whose greeting has all three numbers of the version. */
const REVISION = 54_401;
const [HELLO, EXCEPTION] = [0, 2];

/** A client says who it is, and the server what it is: that is all that is asked. */
function greeting(target: Target, url: URL): Promise<Answer> {
  const tls = tlsOf(target, url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (tls ? 9440 : 9000));
  const socket = tls ? connectTls({ servername: host, ...tls, host, port }) : connectTcp({ host, port });
  const { signal, connectMs } = target;
  return new Promise<Answer>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(connectMs, () => reject(new HoistError(`no answer within ${connectMs / 1000} s`)));
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(hello(loginOf(url))));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const answer = readGreeting(received);
        if (answer) resolve(answer);
        else if (received.length > MOST_BYTES) reject(new HoistError('the greeting does not end'));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new HoistError('the server closed the connection')));
  }).finally(() => socket.destroy());
}

function hello({ user, password, name }: Record<'user' | 'password' | 'name', string>): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    return Buffer.concat([number(bytes.length), bytes]);
  };
  const version = [1, 1, REVISION].map(number);
  return Buffer.concat([number(HELLO), text('hoist'), ...version, text(name), text(user), text(password)]);
}

/** Seven bits in each byte, the lowest first. */
function number(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** undefined where there must be more to come. @throws HoistError for what the server complains about */
function readGreeting(bytes: Buffer): Answer | undefined {
  let at = 0;
  const next = (): number => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new MoreNeeded();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 35) throw new HoistError('it does not speak the protocol of ClickHouse');
    }
  };
  const text = (): string => {
    const length = next();
    if (length > MOST_BYTES) throw new HoistError('it does not speak the protocol of ClickHouse');
    if (at + length > bytes.length) throw new MoreNeeded();
    return bytes.toString('utf8', at, (at += length));
  };
  try {
    const kind = next();
    if (kind === EXCEPTION) {
      const code = bytes.length >= at + 4 ? bytes.readInt32LE(at) : 0;
      at += 4;
      const [, message] = [text(), text()];
      throw new HoistError(`code: ${code}, message: ${message}`);
    }
    if (kind !== HELLO) throw new HoistError('it does not speak the protocol of ClickHouse');
    text();
    const [major, minor, revision] = [next(), next(), next()];
    if (revision < REVISION) return { version: `${major}.${minor}` };
    // The time zone and the name that it shows.
    text();
    text();
    return { version: `${major}.${minor}.${next()}` };
  } catch (error) {
    if (error instanceof MoreNeeded) return undefined;
    throw error;
  }
}

class MoreNeeded extends Error {}
