// A real OCI registry for tests: Debian's docker-registry as a child process, with a folder of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';

/** Whether the program is there. */
export const hasRegistry: boolean = (() => {
  try {
    execFileSync('docker-registry', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The registry's only user; their password as the registry stores it, since it knows no other form than bcrypt. */
export const USER = {
  name: 'reader',
  password: 'correct-horse',
  bcrypt: '$2y$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS',
};

export interface OciRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Requests so far: `GET /v2/charts/web/manifests/1.2.3 200`. */
  requests: string[];
  /** Packs a chart's folder and pushes it as `oci://HOST/charts/NAME`. */
  push(helm: string, chart: string): void;
  close(): Promise<void>;
}

/** @param locked whether it asks for the user's password */
export async function startOciRegistry(locked = false): Promise<OciRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-oci-'));
  const passwords = join(folder, 'htpasswd');
  writeFileSync(passwords, `${USER.name}:${USER.bcrypt}\n`);
  const config = {
    version: 0.1,
    log: { level: 'info', fields: {} },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: '127.0.0.1:0' },
    ...(locked ? { auth: { htpasswd: { realm: 'charts', path: passwords } } } : {}),
  };
  const file = join(folder, 'config.yaml');
  writeFileSync(file, stringify(config));
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const requests: string[] = [];
  const host = await listening(child, requests);
  return {
    host,
    requests,
    push(helm, chart) {
      const home = join(folder, 'helm');
      mkdirSync(home, { recursive: true });
      const env = { PATH: process.env['PATH'], HELM_CONFIG_HOME: home, HELM_CACHE_HOME: home, HELM_DATA_HOME: home };
      const packed = execFileSync(helm, ['package', chart, '--destination', home], { env }).toString();
      const archive = /saved it to: (\S+)/.exec(packed)?.[1] ?? '';
      const login = locked ? [`--username=${USER.name}`, `--password=${USER.password}`] : [];
      const args = ['push', archive, `oci://${host}/charts`, '--plain-http', ...login];
      execFileSync(helm, args, { env, stdio: 'pipe' });
    },
    close: () =>
      new Promise((resolve) => {
        child.once('close', () => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
        child.kill('SIGKILL');
      }),
  };
}

/** Resolves with the address that it has chosen; goes on to gather requests. */
function listening(child: ChildProcess, requests: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`docker-registry ended with ${code ?? 'a signal'}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface(stream).on('line', (line) => {
        const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
        const request = /"(GET|HEAD) (\S+) HTTP\/1\.1" (\d+)/.exec(line);
        if (request) requests.push(request.slice(1).join(' '));
      });
    }
  });
}
