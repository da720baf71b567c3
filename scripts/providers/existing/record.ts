// What hoist remembers of an existing cluster that it has worked on: where it is, and a kubeconfig for it.

import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../host/files/make-folder.ts';
import { withoutUserinfo } from '../../base/errors.ts';
import { isClusterName } from '../../base/names.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { removeOwned } from '../../host/files/owned-folder.ts';

export interface ExistingRecord {
  version: 1;
  context: string;
  server: string;
  /** When it was first worked on; ISO 8601. */
  createdAt: string;
}

export interface Records {
  folder(name: string): string;
  kubeconfig(name: string): string;
  names(): Promise<string[]>;
  /** undefined where there is none, or none that can be read. */
  read(name: string): Promise<ExistingRecord | undefined>;
  write(name: string, record: ExistingRecord, kubeconfig: string): Promise<void>;
  /** @throws HoistError where the folder is not one that hoist made. */
  remove(name: string): Promise<void>;
}

export function recordsIn(home: string): Records {
  const folder = (name: string): string => join(home, 'existing', name);
  const file = (name: string): string => join(folder(name), 'cluster.json');
  const kubeconfig = (name: string): string => join(folder(name), 'kubeconfig');
  return {
    folder,
    kubeconfig,
    async names() {
      const entries = await readdir(join(home, 'existing'), { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory() && isClusterName(entry.name)).map((entry) => entry.name);
    },
    async read(name) {
      try {
        return JSON.parse(await readFile(file(name), 'utf8')) as ExistingRecord;
      } catch {
        return undefined;
      }
    },
    async write(name, record, text) {
      await makeFolder(folder(name), 0o700);
      await writeAtomic(kubeconfig(name), text, { mode: 0o600 });
      await writeAtomic(
        file(name),
        `${JSON.stringify({ ...record, server: withoutUserinfo(record.server) }, null, 2)}\n`,
        { mode: 0o600 },
      );
    },
    async remove(name) {
      const records = [basename(file(name)), basename(kubeconfig(name))];
      await removeOwned({ parent: join(home, 'existing'), name, records });
    },
  };
}
