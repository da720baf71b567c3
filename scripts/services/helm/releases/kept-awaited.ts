// Keeps what a release waits for beside helm's record of it: to read a record again takes a request, gunzip and YAML.

import { join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { readTextBounded } from '../../../host/files/bounded.ts';
import { writeAtomic } from '../../../host/files/files.ts';
import type { Awaited } from './awaited.ts';
import { used } from './prune.ts';
import type { RecordId } from './releases.ts';

/** Counts up whenever `awaitedOf` finds something else in the same record. */
const VERSION = 1;

interface Kept {
  resourceVersion: string;
  awaited: Awaited;
}

/** undefined where it has to be read from the cluster. */
export async function keptAwaited(folder: string, id: RecordId): Promise<Awaited | undefined> {
  const path = pathOf(folder, id);
  if (path === undefined) return undefined;
  try {
    const { resourceVersion, awaited } = JSON.parse(await readTextBounded(path)) as Kept;
    if (resourceVersion !== id.resourceVersion) return undefined;
    await used(path);
    return awaited;
  } catch {
    // Not there, or damaged.
    return undefined;
  }
}

/** Never fails: it is read from the cluster again then. */
export async function keepAwaited(folder: string, id: RecordId, awaited: Awaited): Promise<void> {
  const path = pathOf(folder, id);
  if (path === undefined) return;
  const kept: Kept = { resourceVersion: id.resourceVersion, awaited };
  await makeFolder(folder)
    .then(() => writeAtomic(path, JSON.stringify(kept)))
    .catch(() => undefined);
}

/** The server's word becomes a name only where it is a uid. */
function pathOf(folder: string, { uid }: RecordId): string | undefined {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)
    ? join(folder, `${uid}-v${VERSION}.json`)
    : undefined;
}
