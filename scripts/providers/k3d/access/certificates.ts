// The authorities that nodes are to trust beside the public ones, and those that only this machine trusts.

import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { readTextBounded } from '../../../host/files/bounded.ts';
import type { Environment } from '../../../host/paths.ts';
import { fail, type Finding, ok, warn } from '../../../host/preflight/finding.ts';

const ROW = 'certificates';
/** Where people put authorities of their own on Debian, Red Hat and SUSE. */
const FOLDERS = [
  '/usr/local/share/ca-certificates',
  '/etc/pki/ca-trust/source/anchors',
  '/usr/share/pki/trust/anchors',
];
const VARIABLES = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE'];
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @param given path of the PEM file in the settings, which nodes get. */
export async function checkCertificates(
  given: string | undefined,
  env: Environment,
  now: Date,
  folders: readonly string[] = FOLDERS,
): Promise<Finding> {
  if (given !== undefined) return judge(given, await readTextBounded(given).catch(() => ''), now);
  const variables = VARIABLES.filter((name) => (env[name] ?? '') !== '');
  const files = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const full = folders.filter((_, i) => files[i]?.some((file) => /\.(crt|pem|cer)$/.test(file)));
  if (variables.length + full.length === 0) return ok(ROW, 'this machine trusts no authorities of its own');
  return warn(
    ROW,
    `this machine trusts authorities of its own (${[...variables, ...full].join(', ')}), and nodes do not`,
    'Where registries need them, name their PEM file in k3d.caCertificates.',
  );
}

function judge(path: string, text: string, now: Date): Finding {
  const hint = 'Put working certificates in PEM form into it.';
  const found = text.match(PEM) ?? [];
  if (found.length === 0) return fail(ROW, `${path} holds no certificate in PEM form`, hint);
  const old: string[] = [];
  for (const [i, pem] of found.entries()) {
    try {
      const { subject, validTo } = new X509Certificate(pem);
      if (Date.parse(validTo) < now.getTime()) old.push(`${subject.replaceAll('\n', ', ')} ended on ${validTo}`);
    } catch {
      return fail(ROW, `certificate ${i + 1} in ${path} cannot be read`, hint);
    }
  }
  if (old.length > 0) return warn(ROW, `${path}: ${old.join('; ')}`, hint);
  return ok(ROW, `nodes get ${found.length === 1 ? 'the one' : `the ${found.length}`} in ${path}`);
}
