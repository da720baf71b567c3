// Keys, certificate, tokens and kubeconfigs of an embedded cluster.

import { X509Certificate, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import type { Exec } from '../../host/exec.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { contextName } from '../provider.ts';
import type { Layout } from './layout.ts';
import { type ProcessName } from './state.ts';

const CLIENTS = ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const satisfies readonly ProcessName[];

/** Bearer tokens by user name. */
export type Tokens = Readonly<Record<'hoist-admin' | (typeof CLIENTS)[number], string>>;

/** Tokens of this cluster: those that it has, else new ones. Makes the folders and the service account key as well. */
export async function ensureCredentials(layout: Layout): Promise<Tokens> {
  await makeFolder(layout.pki, 0o700);
  await makeFolder(layout.logs, 0o700);
  const known = await readTokens(layout);
  if (known) return known;
  const token = (): string => randomBytes(24).toString('base64url');
  const tokens: Tokens = {
    'hoist-admin': token(),
    'kube-controller-manager': token(),
    'kube-scheduler': token(),
    kwok: token(),
  };
  await writeFile(layout.serviceAccountKey, ecKey(), { mode: 0o600 });
  // The components are of the group system:masters, since the rules of their own users exist only some time after the API answers.
  const lines = Object.entries(tokens).map(([user, value], i) => `${value},${user},${i + 1},system:masters\n`);
  await writeFile(layout.tokens, lines.join(''), { mode: 0o600 });
  return tokens;
}

export async function writeComponentKubeconfigs(layout: Layout, server: string, tokens: Tokens): Promise<void> {
  await Promise.all(
    CLIENTS.map((name) =>
      writeFile(
        layout.componentKubeconfig(name),
        kubeconfigText({ name: 'hoist', server, token: tokens[name], certificateFile: layout.certificate }),
        { mode: 0o600 },
      ),
    ),
  );
}

/** undefined where the cluster has none yet. */
export async function readTokens(layout: Layout): Promise<Tokens | undefined> {
  const text = await readFile(layout.tokens, 'utf8').catch(() => '');
  const tokens = Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [token, user] = line.split(',');
      return token && user ? [[user, token]] : [];
    }),
  );
  const users = ['hoist-admin', ...CLIENTS] as const;
  return users.every((user) => user in tokens) ? (tokens as Tokens) : undefined;
}

/**
 * Gives the cluster its serving certificate. All clusters of one user share one, since making it costs more than the
 * start of etcd, and since it says no more than "127.0.0.1"; what opens a cluster are its own tokens.
 * @returns false where openssl is missing: kube-apiserver then makes a pair of its own, which takes longer.
 */
export async function provideCertificate(
  exec: Exec,
  shared: string,
  layout: Pick<Layout, 'certificate' | 'key'>,
  signal: AbortSignal,
): Promise<boolean> {
  const pair = (await readPair(shared)) ?? (await makePair(exec, shared, signal));
  if (!pair) return false;
  await writeFile(layout.key, pair.key, { mode: 0o600 });
  await writeFile(layout.certificate, pair.certificate, { mode: 0o600 });
  return true;
}

interface Pair {
  /** PEM. */
  certificate: string;
  key: string;
}

const VALID_DAYS = 3650;

/** undefined where there is none, or where less than half of its time is left. */
async function readPair(shared: string): Promise<Pair | undefined> {
  const text = await readFile(shared, 'utf8').catch(() => '');
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[^]+?-----END \1-----\n/g) ?? [];
  const certificate = blocks.find((block) => block.includes('CERTIFICATE'));
  const key = blocks.find((block) => block.includes('PRIVATE KEY'));
  if (certificate === undefined || key === undefined) return undefined;
  const left = Date.parse(new X509Certificate(certificate).validTo) - Date.now();
  return left > (VALID_DAYS / 2) * 86_400_000 ? { certificate, key } : undefined;
}

/** An elliptic curve takes openssl 20 ms, the 2048-bit RSA pair of kube-apiserver some hundred. */
async function makePair(exec: Exec, shared: string, signal: AbortSignal): Promise<Pair | undefined> {
  await makeFolder(dirname(shared), 0o700);
  const keyFile = `${shared}.${process.pid}.key`;
  const key = ecKey();
  const names = 'IP:127.0.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc,IP:10.96.0.1';
  const subject = ['-subj', '/CN=hoist', '-addext', `subjectAltName=${names}`];
  try {
    await writeFile(keyFile, key, { mode: 0o600 });
    const args = ['req', '-x509', '-new', '-key', keyFile, '-days', String(VALID_DAYS), ...subject];
    const { stdout } = await exec({ file: 'openssl', args, signal });
    const certificate = `${stdout.trim()}\n`;
    await writeAtomic(shared, certificate + key, { mode: 0o600 });
    return { certificate, key };
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await rm(keyFile, { force: true });
  }
}

function ecKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

interface KubeconfigInput {
  name: string;
  server: string;
  token: string;
  certificateFile?: string;
  /** PEM. */
  certificate?: string;
}

/** A kubeconfig with one context. JSON strings are YAML too. */
export function kubeconfigText({ name, server, token, certificateFile, certificate }: KubeconfigInput): string {
  const q = JSON.stringify;
  const ca =
    certificate === undefined
      ? `certificate-authority: ${q(certificateFile)}`
      : `certificate-authority-data: ${Buffer.from(certificate).toString('base64')}`;
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${q(name)}
    cluster:
      server: ${q(server)}
      ${ca}
users:
  - name: ${q(name)}
    user:
      token: ${q(token)}
contexts:
  - name: ${q(name)}
    context:
      cluster: ${q(name)}
      user: ${q(name)}
current-context: ${q(name)}
`;
}

/** The cluster's own kubeconfig, for people. */
export function adminKubeconfig(cluster: string, server: string, token: string, certificate: string): string {
  return kubeconfigText({ name: contextName(cluster), server, token, certificate });
}
