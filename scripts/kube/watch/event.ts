// One line of a watch: a change of an object, a bookmark, or the server's error.

import { KubeConnectionError } from '../client/errors.ts';
import type { KubeObject } from '../object.ts';

export interface WatchEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

/** @throws KubeConnectionError for what is no event. */
export function parseEvent<T extends KubeObject>(line: string, path: string): WatchEvent<T> {
  const event = parsed(line);
  if (isEvent<T>(event)) return event;
  throw new KubeConnectionError(`watching ${path}: the server sent a line that is no event`, 'NOT_KUBERNETES');
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEvent<T extends KubeObject>(value: unknown): value is WatchEvent<T> {
  const { type, object } = (value ?? {}) as Partial<WatchEvent<T>>;
  if (typeof type !== 'string' || typeof object !== 'object') return false;
  const metadata = (object as Partial<T> | null)?.metadata;
  return type === 'ERROR' || (typeof metadata === 'object' && (metadata as unknown) !== null);
}
