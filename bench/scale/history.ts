// The history of published sets as a script of changes for a fleet: versions of one file of a git repository, oldest first.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fleet } from '../../scripts/fleet/sources/source.ts';
import { fleetOf } from '../../test/fleet/world.ts';
import { startEmulator } from './emulated.ts';
import type { KindOf } from './emulator.ts';
import { type Figures, kept, measured, once, type Size } from './fleets.ts';
import { published, type Published } from './published.ts';

export interface HistoryOptions {
  /** Of the repository. */
  gitDir: string;
  file: string;
  /** How many versions, and each how-manieth is taken: neighbours differ in little. */
  versions: number;
  every: number;
  clusters: number;
}

export interface HistoryFigures extends Figures {
  commit: string;
  sets: number;
  deletions: number;
}

interface Version extends Published {
  commit: string;
}

/** Versions that cannot be read are left out, as one that was committed half is. */
async function versionsOf({ gitDir, file, versions, every }: HistoryOptions): Promise<Version[]> {
  const git = (...args: string[]): string =>
    execFileSync('git', ['--git-dir', gitDir, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
  const commits = git('log', '--format=%H', `--max-count=${versions * every}`, '--', file)
    .trim()
    .split('\n');
  const folder = mkdtempSync(join(tmpdir(), 'hoist-bench-history-'));
  try {
    const read: Version[] = [];
    for (const commit of commits.filter((_, at) => at % every === 0).reverse()) {
      const path = join(folder, `${commit}.yaml`);
      try {
        writeFileSync(path, git('show', `${commit}:${file}`));
        read.push({ commit, ...(await published(path)) });
      } catch (error) {
        console.error(`${commit} is left out: ${String(error).slice(0, 200)}`);
      }
    }
    return read.filter(({ sets }) => sets.length > 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The oldest version is applied to a fleet that has nothing; then each one follows the one before. */
export async function history(
  options: HistoryOptions,
  size: Size,
  show: (figures: HistoryFigures) => void,
): Promise<void> {
  const versions = await versionsOf(options);
  const [first, ...later] = versions;
  const newest = versions.at(-1);
  if (first === undefined || newest === undefined) throw new Error('no version could be read');
  const kinds = new Map<string, KindOf>();
  for (const one of versions.flatMap((version) => version.kinds)) kinds.set(`${one.group}/${one.kind}`, one);
  const emulator = await startEmulator({ kinds: [...kinds.values()] });
  try {
    const clusters = emulator.clusters(options.clusters, newest.labels);
    const fleet = ({ sets }: Version): Fleet => fleetOf(sets, clusters);
    const servers = [emulator.pid];
    const begun = await once('history-first', fleet(first), size, { servers, strict: false });
    show({ ...begun, commit: first.commit, sets: first.sets.length, deletions: 0 });
    await kept(fleet(first), size, async (runner, settled) => {
      for (const version of later) {
        const all = settled(clusters.length);
        const figures = await measured(
          'history',
          runner,
          () => {
            runner.update(fleet(version));
            return all;
          },
          servers,
        );
        const changes = [...runner.records.values()].flatMap(({ result }) => result?.changes ?? []);
        const deletions = changes.filter(({ action }) => action === 'delete').length;
        show({ ...figures, commit: version.commit, sets: version.sets.length, deletions });
      }
    });
  } finally {
    emulator.stop();
  }
}
