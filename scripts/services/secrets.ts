// Secrets: read from env variables and files before anything is made, applied in every namespace.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, type Problem, messageOf } from '../base/errors.ts';
import type { Manifest } from '../kube/manifests/manifest.ts';
import type { SecretSetting } from '../settings/schema.ts';

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
      const json = data['.dockerconfigjson'];
      if (setting.type === 'dockerconfigjson' && json && !isDockerConfig(json)) {
        missing.push({
          where: sources.where(['secrets', index, 'data', '.dockerconfigjson']),
          message: `secret "${setting.name}": the value is no Docker configuration with "auths"`,
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
    return { bytes: await readFile(resolve(folder, source.file)) };
  } catch (error) {
    return { problem: `the file cannot be read: ${messageOf(error)}` };
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
