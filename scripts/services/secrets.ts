// Secrets: read from env variables and files before anything is made, applied in every namespace.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { resolve } from 'node:path';
import { ConfigError, type Problem, messageOf } from '../base/errors.ts';
import { readBounded } from '../host/files/bounded.ts';
import type { Manifest } from '../kube/manifests/manifest.ts';
import type { SecretSetting } from '../settings/schema.ts';

/** Bytes of a value; the server takes no Secret of more than 1 MiB. */
const SECRET_MAX = 2 ** 20;

const TYPES = {
  Opaque: { type: 'Opaque', keys: [] },
  dockerconfigjson: { type: 'kubernetes.io/dockerconfigjson', keys: ['.dockerconfigjson'] },
  tls: { type: 'kubernetes.io/tls', keys: ['tls.crt', 'tls.key'] },
} as const;

/** A secret with its values; never shown, logged or recorded. */
export interface ResolvedSecret {
  name: string;
  type: string;
  /** undefined: every namespace. */
  namespaces: readonly string[] | undefined;
  data: Readonly<Record<string, Uint8Array>>;
}

export interface ResolvedSecrets {
  secrets: readonly ResolvedSecret[];
  /** What an optional secret lacked, one sentence each. */
  notes: readonly string[];
}

export interface SecretSources {
  env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative files are relative to. */
  folder: string;
  /** Where a setting stands, for messages. */
  where(path: readonly (string | number)[]): string;
}

/** @throws ConfigError with every value that is missing or of the wrong form, before anything is made. */
export async function resolveSecrets(
  settings: readonly SecretSetting[],
  sources: SecretSources,
): Promise<ResolvedSecrets> {
  const notes: string[] = [];
  const problems: Problem[] = [];
  const secrets: ResolvedSecret[] = [];
  await Promise.all(
    settings.map(async (setting, index) => {
      const { type, keys } = TYPES[setting.type];
      const missing: Problem[] = keys
        .filter((key) => !Object.hasOwn(setting.data, key))
        .map((key) => ({
          where: sources.where(['secrets', index, 'data']),
          message: `secret "${setting.name}" of type ${setting.type} needs the key "${key}"`,
        }));
      // A key may be called `__proto__`.
      const data = Object.create(null) as Record<string, Uint8Array>;
      const absent: Problem[] = [];
      for (const [key, source] of Object.entries(setting.data)) {
        const where = sources.where(['secrets', index, 'data', key]);
        const value = await readSource(source, sources);
        if ('problem' in value) absent.push({ where, message: `secret "${setting.name}": ${value.problem}` });
        else data[key] = value.bytes;
      }
      for (const [key, message] of wrongValues(setting.type, data)) {
        missing.push({
          where: sources.where(['secrets', index, 'data', key]),
          message: `secret "${setting.name}": ${message}`,
        });
      }
      problems.push(...missing);
      if (absent.length > 0 && setting.optional) notes.push(...absent.map((p) => `left out: ${p.message}`));
      else problems.push(...absent);
      if (absent.length === 0) secrets.push({ name: setting.name, type, namespaces: setting.namespaces, data });
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return { secrets, notes };
}

/** The bytes of a secret value, or what is wrong with its source. */
export async function readSource(
  source: SecretSetting['data'][string],
  { env, folder }: SecretSources,
): Promise<{ bytes: Uint8Array } | { problem: string }> {
  if ('env' in source) {
    const value = env[source.env];
    return value === undefined || value === ''
      ? { problem: `the env variable ${source.env} is not set` }
      : { bytes: Buffer.from(value) };
  }
  try {
    return { bytes: await readBounded(resolve(folder, source.file), SECRET_MAX) };
  } catch (error) {
    return { problem: `the file cannot be read: ${messageOf(error)}` };
  }
}

/** What a value of a typed secret is not, by key: the server takes anything, and what uses it fails much later. */
function wrongValues(type: SecretSetting['type'], data: Readonly<Record<string, Uint8Array>>): [string, string][] {
  const wrong: [string, string][] = [];
  const json = data['.dockerconfigjson'];
  if (type === 'dockerconfigjson' && json && !isDockerConfig(json)) {
    wrong.push(['.dockerconfigjson', 'the value is no Docker configuration with "auths"']);
  }
  if (type !== 'tls') return wrong;
  const certificate = parsed(data['tls.crt'], (pem) => new X509Certificate(pem));
  const key = parsed(data['tls.key'], createPrivateKey);
  if (certificate === null) wrong.push(['tls.crt', 'the value is no certificate in PEM form']);
  if (key === null) wrong.push(['tls.key', 'the value is no private key in PEM form, or one with a passphrase']);
  if (certificate && key && !certificate.checkPrivateKey(key)) {
    wrong.push(['tls.key', 'the private key does not belong to the certificate of "tls.crt"']);
  }
  return wrong;
}

/** Null where it is not of that kind. */
function parsed<T>(bytes: Uint8Array | undefined, parse: (pem: string) => T): T | null | undefined {
  if (bytes === undefined) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return text.includes('-----BEGIN ') ? parse(text) : null;
  } catch {
    return null;
  }
}

function isDockerConfig(bytes: Uint8Array): boolean {
  try {
    const config = JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    return typeof config === 'object' && config !== null && 'auths' in config;
  } catch {
    return false;
  }
}

/** The secret as an object of one namespace. */
export function secretManifest(secret: ResolvedSecret, namespace: string): Manifest {
  const data = Object.entries(secret.data).map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]);
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: secret.type,
      metadata: { name: secret.name, namespace },
      data: Object.fromEntries(data) as Record<string, string>,
    },
    where: `secret ${secret.name}`,
  };
}

/** All values as text, for redaction. */
export function secretValues(secrets: readonly ResolvedSecret[]): string[] {
  return secrets.flatMap((s) => Object.values(s.data).map((bytes) => Buffer.from(bytes).toString('utf8')));
}
