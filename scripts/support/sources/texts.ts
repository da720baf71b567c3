// Where specs come from: files, standard input, addresses, and objects of the cluster.

import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { readTextBounded } from '../../host/files/bounded.ts';
import { request } from 'undici';
import { ConfigError, HoistError, type Problem, reasonOf } from '../../base/errors.ts';
import type { Environment } from '../../host/paths.ts';
import type { ClusterAccess } from '../cluster/reach.ts';
import { specsAt } from '../registry/spec-artifact.ts';
import type { SpecText } from '../spec/parse.ts';
import { objectTexts } from './objects.ts';

/** Bytes of a spec that is still read. */
const MOST_BYTES = 16 << 20;
const FETCH_MS = 30_000;
const REDIRECTS = 5;

export interface SourceInputs {
  cwd: string;
  env: Environment;
  stdin: NodeJS.ReadableStream;
  /** Asked for only where a spec is in the cluster. */
  access: () => Promise<ClusterAccess>;
  signal: AbortSignal;
}

/** @throws ConfigError with all that cannot be read. */
export async function readTexts(operands: readonly string[], inputs: SourceInputs): Promise<SpecText[]> {
  const problems: Problem[] = [];
  const texts = await Promise.all(
    operands.map(async (name): Promise<SpecText[]> => {
      try {
        return await read(name, inputs);
      } catch (error) {
        inputs.signal.throwIfAborted();
        problems.push({ where: name, message: `cannot be read: ${reasonOf(error)}` });
        return [];
      }
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return texts.flat();
}

async function read(name: string, inputs: SourceInputs): Promise<SpecText[]> {
  if (/^(secret|configmap)\//.test(name)) return objectTexts(name, await inputs.access(), inputs.signal);
  if (name.startsWith('oci://')) {
    const texts = await specsAt(name, inputs);
    return texts.map((one) => ({ name, text: one }));
  }
  const text = name === '-' ? await textOf(inputs.stdin) : await textAt(name, inputs);
  if (text.length > MOST_BYTES) throw new HoistError(`it is larger than ${MOST_BYTES} bytes`);
  return [{ name: name === '-' ? 'stdin' : /^https?:/.test(name) ? apart(name).address : name, text }];
}

function textAt(name: string, { cwd, signal }: SourceInputs): Promise<string> {
  return /^https?:\/\//.test(name) ? fetchText(name, signal) : readTextBounded(resolve(cwd, name));
}

/** An address without its login, and that as a header. */
function apart(url: string): { address: string; login: string | undefined } {
  const at = new URL(url);
  const [user, password] = [at.username, at.password].map(decodeURIComponent);
  at.username = at.password = '';
  const login = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return { address: at.href, login: user === '' && password === '' ? undefined : login };
}

/** Where it is redirected to; a login is for the address that it was given with. @throws HoistError where TLS would end */
function nextAddress(from: string, location: string): string {
  const to = new URL(location, apart(from).address);
  if (!/^https?:$/.test(to.protocol)) throw new HoistError(`it redirects to ${to.protocol}, which is no https address`);
  if (from.startsWith('https:') && to.protocol !== 'https:')
    throw new HoistError('it redirects to an address without TLS, which is not followed');
  to.username = to.password = '';
  return to.href;
}

/** @throws HoistError where no good answer comes within 30 s. */
export async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  let at = url;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const { address, login } = apart(at);
    const answer = await request(address, {
      headers: { 'user-agent': 'hoist', ...(login === undefined ? {} : { authorization: login }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]),
    });
    const { location } = answer.headers;
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') {
      await answer.body.dump();
      at = nextAddress(at, location);
      continue;
    }
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new HoistError(`the server answered ${answer.statusCode}`);
    }
    let text = '';
    answer.body.setEncoding('utf8');
    for await (const chunk of answer.body as AsyncIterable<string>) {
      text += chunk;
      if (text.length > MOST_BYTES) throw new HoistError(`it is larger than ${MOST_BYTES} bytes`);
    }
    return text;
  }
  throw new HoistError('it redirects too often');
}
