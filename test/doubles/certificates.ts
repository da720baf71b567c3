// A throw-away certificate for servers on the loopback, made once per test process.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One key pair that is its own authority, server and administrator; paths of PEM files. */
export function certificateFiles(folder: string): { cert: string; key: string } {
  const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  const args = [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', cert, '-subj', '/O=system:masters/CN=hoist-test'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:kubernetes'],
  ];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { cert, key };
}

let made: { cert: string; key: string } | undefined;

/** PEM texts; the certificate is for 127.0.0.1 and `kubernetes`. */
export function certificate(): { cert: string; key: string } {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'hoist-test-'));
    const files = certificateFiles(folder);
    made = { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
    rmSync(folder, { recursive: true });
  }
  return made;
}
