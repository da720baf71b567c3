// http, of the cluster and of the host: one request and its answer.

import { Agent, ProxyAgent, type Dispatcher, request as send } from 'undici';
import { readTextBounded } from '../../host/files/bounded.ts';
import { HoistError, messageOf } from '../../base/errors.ts';
import { parseBool } from '../spec/schema.ts';
import { type Collector, type Running, durationMs, firstText, json, mapping, text } from './collector.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** Bytes of an answer that are kept. */
const MOST_BYTES = 16 << 20;

export const http: Collector = {
  claim: ({ spec }) => `${text(spec, 'name') ?? ''}/${firstText(spec, 'collectorName') ?? 'result'}.json`,
  run: (running) =>
    answerInto(
      running,
      `${text(running.item.spec, 'name') ?? ''}/${firstText(running.item.spec, 'collectorName') ?? 'result'}${running.suffix}.json`,
    ),
};

export const hostHttp: Collector = {
  claim: ({ spec }) => `host-collectors/http/${firstText(spec, 'collectorName') ?? 'result'}.json`,
  run: (running) =>
    answerInto(
      running,
      `host-collectors/http/${firstText(running.item.spec, 'collectorName') ?? 'result'}${running.suffix}.json`,
    ),
};

/** A failed request is an answer too: that of the check that reads it. */
async function answerInto({ item, sink, signal, host, problem }: Running, path: string): Promise<void> {
  const method = ['get', 'post', 'put'].find((name) => item.spec[name] !== undefined && item.spec[name] !== null);
  if (method === undefined) throw new HoistError('no supported http request type: it needs get, post or put');
  let output: object;
  try {
    output = { response: await requestOf(method, mapping(item.spec, method), { signal, env: host.env }) };
  } catch (error) {
    signal.throwIfAborted();
    problem(messageOf(error));
    output = { error: { message: messageOf(error) } };
  }
  await sink.add({ path, content: json(output) });
}

async function requestOf(
  method: string,
  spec: Record<string, unknown>,
  { signal, env }: { signal: AbortSignal; env: Running['host']['env'] },
): Promise<object> {
  const timeoutMs = durationMs(firstText(spec, 'timeout')) ?? DEFAULT_TIMEOUT_MS;
  const dispatcher = await dispatcherOf(spec, env);
  try {
    const late = AbortSignal.timeout(timeoutMs);
    const headers = Object.fromEntries(
      Object.entries(mapping(spec, 'headers')).map(([name, value]) => [name, String(value)]),
    );
    const answer = await send(firstText(spec, 'url') ?? '', {
      method: method.toUpperCase(),
      headers,
      ...(method === 'get' ? {} : { body: text(spec, 'body') ?? '' }),
      signal: AbortSignal.any([signal, late]),
      dispatcher,
    });
    const body = await bodyOf(answer.body);
    return {
      status: answer.statusCode,
      body,
      headers: Object.fromEntries(
        // How it was sent, which Go leaves out too.
        Object.entries(answer.headers)
          .filter(([name]) => name !== 'transfer-encoding')
          .map(([name, value]) => [canonical(name), [value].flat().join(',')]),
      ),
      raw_json: parsed(body),
    };
  } finally {
    await dispatcher.destroy();
  }
}

async function dispatcherOf(spec: Record<string, unknown>, env: Running['host']['env']): Promise<Dispatcher> {
  const ca = firstText(mapping(spec, 'tls'), 'cacert');
  const insecure = parseBool(spec['insecureSkipVerify']) === true;
  const pem = ca === undefined ? undefined : ca.includes('-----BEGIN ') ? ca : await readTextBounded(ca);
  const connect = { ...(pem === undefined ? {} : { ca: pem }), ...(insecure ? { rejectUnauthorized: false } : {}) };
  const proxy = firstText(spec, 'proxy') ?? env['HTTPS_PROXY'];
  if (proxy === undefined || proxy === '') return new Agent({ connect });
  return new ProxyAgent({ uri: proxy, requestTls: connect });
}

async function bodyOf(stream: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new HoistError(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `content-type` → `Content-Type`, as Go writes it. */
function canonical(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (match) => match.toUpperCase());
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
