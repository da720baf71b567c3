// Connections to a Docker engine: a socket file, TCP, TLS, or ssh as the docker command does it.

import { spawn } from 'node:child_process';
import { Agent, type AgentOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { readTextBoundedSync } from '../host/files/bounded.ts';
import type { Endpoint } from './endpoint.ts';

/** How requests reach the engine: options for `http.request` or, where `tls`, for `https.request`. */
export interface Route {
  agent: Agent;
  tls: boolean;
  options: { socketPath?: string; hostname?: string; port?: string };
}

// Following logs and events holds a connection each.
const AGENT: AgentOptions = { keepAlive: true, maxSockets: 64 };

export function routeTo(endpoint: Endpoint): Route {
  if (endpoint.host.startsWith('unix:')) {
    const socketPath = endpoint.host.slice('unix://'.length);
    return { agent: new Agent(AGENT), tls: false, options: { socketPath } };
  }
  const url = new URL(endpoint.host);
  if (url.protocol === 'ssh:') return { agent: new SshAgent(url), tls: false, options: { hostname: 'docker' } };
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const { certPath, skipVerify } = endpoint;
  if (certPath === undefined) {
    return { agent: new Agent(AGENT), tls: false, options: { hostname, port: url.port || '2375' } };
  }
  const pem = (name: string): string => readTextBoundedSync(join(certPath, name));
  const secrets = { ca: pem('ca.pem'), cert: pem('cert.pem'), key: pem('key.pem') };
  const agent = new TlsAgent({ ...AGENT, ...secrets, rejectUnauthorized: skipVerify !== true });
  return { agent, tls: true, options: { hostname, port: url.port || '2376' } };
}

/** The arguments for ssh: its own configuration, keys and known hosts count, and nothing is asked for. */
export function sshArgs(url: URL): string[] {
  const user = url.username === '' ? [] : ['-l', decodeURIComponent(url.username)];
  const port = url.port === '' ? [] : ['-p', url.port];
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-T'];
  return [...options, ...user, ...port, '--', url.hostname, 'docker', 'system', 'dial-stdio'];
}

/** Each connection is an ssh process whose stdin and stdout are the engine's socket on the other side. */
class SshAgent extends Agent {
  constructor(readonly url: URL) {
    super({ ...AGENT, maxSockets: 8 });
  }

  override createConnection(): Duplex {
    return new ProcessStream('ssh', sshArgs(this.url));
  }
}

/** A process as a stream; what it writes to stderr becomes the error when it ends badly. */
class ProcessStream extends Duplex {
  readonly #child;

  constructor(file: string, args: readonly string[]) {
    super();
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.destroy(error));
    child.on('close', (code) => {
      if (code === 0 || code === null) this.push(null);
      else this.destroy(new Error(`${file} ended with code ${code}: ${complaint.trim()}`));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // Where the process has ended, its end says why, not the broken pipe.
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What http asks of a socket; a pipe has no such settings.
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#child.ref();
    return this;
  }

  unref(): this {
    this.#child.unref();
    return this;
  }
}
