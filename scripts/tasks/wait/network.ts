// Asks an address whether it answers: tcp, http and https, one attempt or again and again.

import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';

/** ms that one attempt may take. */
const ATTEMPT_MS = 10_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Undefined where it answered as wanted, else why not. */
export type Probe = (signal: AbortSignal) => Promise<string | undefined>;

/** Repeats until the probe is content; the pause between attempts grows to 1 s. @throws the signal's reason */
export async function until(probe: Probe, signal: AbortSignal, onMiss: (why: string) => void): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const why = await probe(signal);
    if (why === undefined) return;
    onMiss(why);
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** @param address `host:port`; the port is 80 where none is given */
export function tcpProbe(address: string): Probe {
  const { host, port } = hostAndPort(address);
  return async (signal) => {
    const { connect } = await import('node:net');
    return new Promise((resolve) => {
      const socket = connect({ host, port });
      const end = (why: string | undefined): void => {
        signal.removeEventListener('abort', onAbort);
        socket.destroy();
        resolve(why);
      };
      const onAbort = (): void => end('stopped');
      signal.addEventListener('abort', onAbort, { once: true });
      socket.setTimeout(ATTEMPT_MS, () => end('it does not answer'));
      socket.once('connect', () => end(undefined));
      socket.once('error', (error) => end(messageOf(error)));
    });
  };
}

/** @throws RangeError where it is no address */
function hostAndPort(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:\s/]+))(?::(\d{1,5}))?$/.exec(address.trim());
  const port = Number(match?.[3] ?? 80);
  if (!match || port > 65_535) throw new RangeError(`"${address}" is no address; it must be host:port`);
  return { host: match[1] ?? match[2] ?? '', port };
}

/**
 * @param wanted the status that counts; defaults to any of 2xx and 3xx. Redirects are followed where one status is
 * wanted that is none itself.
 * @throws RangeError where it is no URL
 */
export function httpProbe(url: string, wanted: number | undefined): Probe {
  const target = parseUrl(url);
  return async (signal) => {
    try {
      const status = await statusOf(target, signal, wanted === undefined || (wanted >= 300 && wanted < 400) ? 0 : 10);
      const good = wanted === undefined ? status >= 200 && status < 400 : status === wanted;
      return good ? undefined : `it answered with ${status}`;
    } catch (error) {
      return messageOf(error);
    }
  };
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url)) throw new RangeError(`"${url}" is no URL`);
  return new URL(url);
}

async function statusOf(url: URL, signal: AbortSignal, redirects: number): Promise<number> {
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const answer = await new Promise<{ status: number; location: string | undefined }>((resolve, reject) => {
    const sent = request(
      url,
      { method: 'GET', agent: false, signal, headers: { 'user-agent': 'hoist' } },
      (response) => {
        response.destroy();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      },
    );
    sent.setTimeout(ATTEMPT_MS, () => sent.destroy(new Error('it does not answer')));
    sent.once('error', reject);
    sent.end();
  });
  const { status, location } = answer;
  if (status < 300 || status >= 400 || location === undefined || redirects === 0 || !URL.canParse(location, url.href))
    return status;
  return statusOf(new URL(location, url), signal, redirects - 1);
}
