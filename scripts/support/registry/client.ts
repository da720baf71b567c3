// Asks a registry by the distribution API: whether a manifest is there, and what a small blob holds.

import { createHash } from 'node:crypto';
import { Agent, ProxyAgent, type Dispatcher, request } from 'undici';
import { HoistError, messageOf } from '../../base/errors.ts';
import { collectBounded } from '../../host/files/bounded.ts';
import type { Environment } from '../../host/paths.ts';
import { proxyFor } from '../../tools/download/proxy.ts';
import { mayBePlain } from './reference.ts';

export interface Credentials {
  username: string;
  password: string;
}

export interface RegistryOptions {
  env: Environment;
  signal: AbortSignal;
  credentials: Credentials | undefined;
}

export interface RegistryAnswer {
  status: number;
  body: Buffer;
  /** Like `MANIFEST_UNKNOWN`, where the registry gives codes. */
  codes: readonly string[];
}

/** The registry does not let this user read a repository, or does not say whether it exists. */
export class AccessError extends HoistError {}

/** ms that one answer may take. */
const ANSWER_MS = 10_000;
/** Bytes of a manifest, an error or a token. */
const SMALL_BYTES = 4 << 20;
const REDIRECTS = 5;
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

interface Raw {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export class RegistryClient {
  readonly #host: string;
  readonly #options: RegistryOptions;
  #base: Promise<string> | undefined;
  readonly #tokens = new Map<string, string>();

  constructor(host: string, options: RegistryOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** @param version a tag or a digest. @throws HoistError where the registry gives no answer */
  async manifest(repository: string, version: string): Promise<RegistryAnswer> {
    return this.#ask(repository, `manifests/${version}`, { accept: MANIFESTS }, SMALL_BYTES);
  }

  /** @throws HoistError where it cannot be had, is longer than `most` bytes, or is not what its digest says */
  async blob(repository: string, digest: string, most: number): Promise<Buffer> {
    const { status, body } = await this.#ask(repository, `blobs/${digest}`, {}, most);
    if (status !== 200) throw new HoistError(`${this.#host} answered ${status} for ${digest}`);
    const found = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (found !== digest) throw new HoistError(`${this.#host} sent something else than ${digest}`);
    return body;
  }

  async #ask(repository: string, what: string, headers: Record<string, string>, most: number): Promise<RegistryAnswer> {
    const url = `${await this.#reach()}/v2/${repository}/${what}`;
    let answer = await this.#get(url, { ...headers, ...this.#authorization(repository) }, most);
    if (answer.status === 401) {
      await this.#authorize(repository, String(answer.headers['www-authenticate'] ?? ''));
      answer = await this.#get(url, { ...headers, ...this.#authorization(repository) }, most);
    }
    return { status: answer.status, body: answer.body, codes: answer.status < 400 ? [] : codesOf(answer.body) };
  }

  /** The address with its scheme: TLS, or none where that may be and TLS does not answer. */
  #reach(): Promise<string> {
    return (this.#base ??= (async () => {
      const secure = `https://${this.#host}`;
      try {
        await this.#get(`${secure}/v2/`, {}, SMALL_BYTES);
        return secure;
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (!mayBePlain(this.#host)) throw error;
        const plain = `http://${this.#host}`;
        await this.#get(`${plain}/v2/`, {}, SMALL_BYTES);
        return plain;
      }
    })());
  }

  #authorization(repository: string): Record<string, string> {
    const authorization = this.#tokens.get(repository);
    return authorization === undefined ? {} : { authorization };
  }

  /** Gets what the challenge of a 401 asks for. */
  async #authorize(repository: string, challenge: string): Promise<void> {
    const { credentials } = this.#options;
    const basic =
      credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    const [scheme, parameters] = parseChallenge(challenge);
    if (scheme === 'basic') {
      if (basic === undefined) throw new AccessError(`${this.#host} wants a login`);
      this.#tokens.set(repository, basic);
      return;
    }
    const realm = parameters['realm'] ?? '';
    if (scheme !== 'bearer' || !URL.canParse(realm)) throw new AccessError(`${this.#host} refuses access`);
    const base = await this.#reach();
    const url = new URL(realm);
    // A registry's password is never sent over a connection without TLS.
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && base.startsWith('http:')))
      throw new HoistError(`${this.#host} sends to ${url.origin} for a token, which is not safe`);
    const { service } = parameters;
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', `repository:${repository}:pull`);
    const { status, body } = await this.#get(
      url.href,
      basic === undefined ? {} : { authorization: basic },
      SMALL_BYTES,
    );
    // Some answer so for a repository that does not exist.
    const Refusal = status === 401 || status === 403 ? AccessError : HoistError;
    if (status !== 200) throw new Refusal(`${url.host} answered ${status} when asked for a token`);
    const { token, access_token: other } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    const found = typeof token === 'string' ? token : other;
    if (typeof found !== 'string') throw new HoistError(`${url.host} gave no token`);
    this.#tokens.set(repository, `Bearer ${found}`);
  }

  /** Follows redirects itself: credentials go to the first host only. */
  async #get(url: string, headers: Record<string, string>, most: number): Promise<Raw> {
    let at = new URL(url);
    let given = headers;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const answer = await this.#once(at, given, most);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || typeof location !== 'string') return answer;
      const next = new URL(location, at);
      if (at.protocol === 'https:' && next.protocol !== 'https:')
        throw new HoistError(`${at.host} redirects to ${next.origin}, without TLS`);
      if (next.origin !== at.origin) given = { accept: headers['accept'] ?? '*/*' };
      at = next;
    }
    throw new HoistError(`${this.#host} redirects without an end`);
  }

  async #once(url: URL, headers: Record<string, string>, most: number): Promise<Raw> {
    const { env, signal } = this.#options;
    const proxy = proxyFor(url.href, env);
    const limits = { connect: { timeout: ANSWER_MS }, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS };
    const dispatcher: Dispatcher = proxy
      ? new ProxyAgent({ ...limits, uri: proxy.url, proxyTunnel: url.protocol === 'https:' })
      : new Agent(limits);
    try {
      const answer = await request(url, {
        dispatcher,
        headers: { 'user-agent': 'hoist', ...headers },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      return { status: answer.statusCode, headers: answer.headers, body: await collectBounded(answer.body, most) };
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof RangeError) throw new HoistError(`an answer of ${url.host} is not read: ${cause.message}`);
      throw new HoistError(`${url.host} cannot be reached: ${reasonOf(cause)}`, { cause });
    } finally {
      await dispatcher.destroy();
    }
  }
}

/** A connection that is refused on all addresses comes as an AggregateError with an empty message. */
function reasonOf(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
}

/** `Bearer realm="…",service="…"`: the scheme in lower case, and the parameters. */
function parseChallenge(challenge: string): [scheme: string, parameters: Readonly<Record<string, string>>] {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(challenge) ?? [];
  const pairs = Array.from(rest.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g), ([, key, quoted, bare = '']) => [
    (key ?? '').toLowerCase(),
    quoted ?? bare,
  ]);
  return [scheme.toLowerCase(), Object.fromEntries(pairs) as Record<string, string>];
}

function codesOf(body: Buffer): string[] {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: unknown };
    return Array.isArray(errors)
      ? errors.flatMap((one: unknown) => {
          const code = (one as { code?: unknown } | null)?.code;
          return typeof code === 'string' ? [code] : [];
        })
      : [];
  } catch {
    return [];
  }
}
