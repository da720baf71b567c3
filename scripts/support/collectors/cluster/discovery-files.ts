// The part of a snapshot that says which kinds of objects the API server knows.

import { messageOf } from '../../../base/errors.ts';
import type { Snapshot } from './snapshot.ts';

interface GroupVersion {
  groupVersion: string;
  version: string;
}

interface Group {
  name: string;
  versions: GroupVersion[];
  preferredVersion?: GroupVersion;
}

function isGroup(value: unknown): value is Group {
  const { name, versions } = (value ?? {}) as { name?: unknown; versions?: unknown };
  return (
    typeof name === 'string' &&
    isNames(name) &&
    Array.isArray(versions) &&
    versions.every((one: unknown) => isVersion(one))
  );
}

/** Whether it can be part of a path: what a server says becomes none unchecked. */
const isNames = (text: string): boolean => text === '' || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i.test(text);

function isVersion(value: unknown): boolean {
  const { groupVersion } = (value ?? {}) as { groupVersion?: unknown };
  return typeof groupVersion === 'string' && groupVersion.split('/').every(isNames);
}

/** Go's client takes the kind out of single objects, and so do files that are lists of these. */
export function untyped<T extends object>(object: T): Omit<T, 'apiVersion' | 'kind'> {
  const rest: T & { apiVersion?: unknown; kind?: unknown } = { ...object };
  delete rest.apiVersion;
  delete rest.kind;
  return rest;
}

export async function collectDiscovery(snapshot: Snapshot): Promise<void> {
  const { reach, running, write, limit } = snapshot;
  const get = <T>(path: string): Promise<T> =>
    limit(() => reach.client.json<T>({ path, signal: running.signal, attempts: 3 }));
  const errors: string[] = [];
  const attempt = <T>(path: string, none: T): Promise<T> =>
    get<T>(path).catch((error: unknown) => {
      errors.push(messageOf(error));
      return none;
    });
  const [core, others] = await Promise.all([
    attempt('/api', { versions: [] as string[] }),
    attempt('/apis', { groups: [] as Group[] }),
  ]);
  // Whatever answers for an API server may answer anything.
  const listed = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
  const versions = listed(core.versions)
    .map((version) => ({ groupVersion: String(version), version: String(version) }))
    .filter(isVersion);
  const [preferredVersion] = versions;
  const named = listed(others.groups).filter(isGroup);
  const groups: Group[] = [...(preferredVersion ? [{ name: '', versions, preferredVersion }] : []), ...named];
  const paths = groups.flatMap(({ name, versions: all }) =>
    all.map(({ groupVersion }) => `${name === '' ? '/api' : '/apis'}/${groupVersion}`),
  );
  const resources = await Promise.all(paths.map((path) => attempt<object | undefined>(path, undefined)));
  await write('groups.json', groups);
  await write('resources.json', resources.filter((one) => one !== undefined).map(untyped));
  if (errors.length === 0) return;
  await write('groups-resources-errors.json', errors);
  for (const error of errors) running.problem(`resources: ${error}`);
}
