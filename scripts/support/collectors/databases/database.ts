// What collectors of databases share: one file that says whether a connection was made, and to which version.

import type { ConnectionOptions } from 'node:tls';
import { HoistError, isErrno, messageOf } from '../../../base/errors.ts';
import { type Collector, type Running, firstText, json, list, mapping } from '../collector.ts';
import { parseBool } from '../../spec/schema.ts';

/** What a driver is asked for. */
export interface Target {
  uri: string;
  /** undefined where the spec says nothing of TLS. */
  tls: ConnectionOptions | undefined;
  /** ms that connecting may take. */
  connectMs: number;
  signal: AbortSignal;
  /** Names of variables that are wanted beside the version. */
  parameters: readonly string[];
}

export interface Answer {
  version: string;
  variables?: Record<string, string>;
}

const CONNECT_MS = 10_000;

/**
 * @param kind its key in a spec, and its folder
 * @param connect asks the server; what it throws is the result's error
 */
export function database(kind: string, connect: (target: Target) => Promise<Answer>): Collector {
  return {
    timeoutMs: 30_000,
    claim: ({ spec }) => `${kind}/${firstText(spec, 'collectorName') ?? kind}.json`,
    async run(running) {
      const { item, sink, suffix, signal } = running;
      const uri = firstText(item.spec, 'uri');
      if (uri === undefined) throw new HoistError(`it needs a uri`);
      const path = `${kind}/${firstText(item.spec, 'collectorName') ?? kind}${suffix}.json`;
      let result: object;
      try {
        const tls = await tlsOf(running);
        const parameters = list(item.spec, 'parameters');
        const answer = await connect({ uri, tls, connectMs: CONNECT_MS, signal, parameters });
        result = { isConnected: true, ...answer };
      } catch (error) {
        signal.throwIfAborted();
        // A driver that is not there says nothing about the database.
        if (error instanceof MissingDriver) throw error;
        running.note(`not connected: ${withoutUri(error, uri)}`);
        result = { isConnected: false, error: withoutUri(error, uri) };
      }
      await sink.add({ path, content: json(result) });
    },
  };
}

/** Drivers put what they were given into their messages, passwords included. */
function withoutUri(error: unknown, uri: string): string {
  const said = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
  return said.replaceAll(uri, 'the uri');
}

class MissingDriver extends HoistError {}

/** @param name of the npm package. @throws HoistError where it is not installed */
export async function driver<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isErrno(cause, 'ERR_MODULE_NOT_FOUND') && !isErrno(cause, 'MODULE_NOT_FOUND')) throw cause;
    throw new MissingDriver(`the npm package "${name}" is not installed, which it connects with`, {
      cause,
      hint: `\`npm install ${name}\` beside hoist adds it.`,
    });
  }
}

interface SecretObject {
  data?: Record<string, string>;
}

/** Of the spec itself, or of the Secret that it names. */
async function tlsOf({ item, cluster, signal }: Running): Promise<ConnectionOptions | undefined> {
  const tls = mapping(item.spec, 'tls');
  if (Object.keys(tls).length === 0) return undefined;
  if (parseBool(tls['skipVerify']) === true) return { rejectUnauthorized: false };
  const name = firstText(mapping(tls, 'secret'), 'name');
  let pem: (key: string) => string | undefined = (key) => firstText(tls, key);
  if (name !== undefined) {
    const reach = await cluster();
    const namespace = firstText(mapping(tls, 'secret'), 'namespace') ?? reach.namespace;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const { data = {} } = await reach.client.json<SecretObject>({ path, signal, attempts: 3 });
    pem = (key) => (data[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString('utf8'));
  }
  const [ca, cert, key] = ['cacert', 'clientCert', 'clientKey'].map(pem);
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
}
