// The history of published sets as a script of changes for a fleet: versions of one file of a git repository, oldest first.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from './emulated.ts';
import type { KindOf } from './emulator.ts';
import { type Figures, kept, measured, once, type Size } from './fleets.ts';
import { published, publishedFleet, type Published } from './published.ts';

export interface HistoryOptions {
  /** Of the repository. */
  gitDir: string;
  file: string;
  /** How many versions, and each how-manieth of those that can be read is taken: neighbours differ in little. */
  versions: number;
  every: number;
  clusters: number;
}

type Show = (figures: HistoryFigures | Record<string, unknown>) => void;

export interface HistoryFigures extends Figures {
  commit: string;
  sets: number;
  deletions: number;
}

interface Version extends Published {
  commit: string;
}

class History {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hoist-bench-history-'));

  constructor(readonly options: HistoryOptions) {}

  #git(input: string, ...args: string[]): string {
    const { gitDir } = this.options;
    // What a mirror lacks it is not to go looking for.
    const env = { ...process.env, GIT_NO_LAZY_FETCH: '1' };
    const options = { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe', input, env } as const;
    return execFileSync('git', ['--git-dir', gitDir, ...args], options);
  }

  /** Commits whose file is there, oldest first, and how many there are in all. */
  commits(): { commits: string[]; all: number } {
    const { file, versions, every } = this.options;
    const all = this.#git('', 'log', '--format=%H', '--', file).trim().split('\n');
    const checked = this.#git(all.map((commit) => `${commit}:${file}`).join('\n'), 'cat-file', '--batch-check');
    const there = checked.trim().split('\n');
    const present = all.filter((_, at) => there[at]?.includes(' blob ') === true);
    const taken = present.filter((_, at) => at % every === 0).slice(0, versions);
    return { commits: taken.reverse(), all: all.length };
  }

  /** Undefined where the version cannot be read: one that was committed half. */
  async read(commit: string): Promise<Version | undefined> {
    const path = join(this.#folder, `${commit}.yaml`);
    try {
      writeFileSync(path, this.#git('', 'show', `${commit}:${this.options.file}`));
      const read = await published(path);
      return read.sets.length === 0 ? undefined : { commit, ...read };
    } catch (error) {
      console.error(`${commit} is left out: ${String(error).slice(0, 200)}`);
      return undefined;
    } finally {
      rmSync(path, { force: true });
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** The oldest version is applied to a fleet that has nothing; then each one follows the one before. */
export async function history(options: HistoryOptions, size: Size, show: Show): Promise<void> {
  const versions = new History(options);
  try {
    const { commits, all } = versions.commits();
    const newest = await versions.read(commits.at(-1) ?? '');
    if (newest === undefined) throw new Error('the newest version that is there cannot be read');
    show({ phase: 'history-versions', published: all, taken: commits.length });
    const emulator = await startEmulator({ kinds: [] });
    try {
      await replay(versions, commits, emulator, { ...options, newest, size, show });
    } finally {
      emulator.stop();
    }
  } finally {
    versions.close();
  }
}

async function replay(
  versions: History,
  commits: readonly string[],
  emulator: Emulator,
  { clusters: count, newest, size, show }: HistoryOptions & { newest: Version; size: Size; show: Show },
): Promise<void> {
  const clusters = emulator.clusters(count, newest.labels);
  const kinds = new Map<string, KindOf>();
  const next = async (commit: string): Promise<Version | undefined> => {
    const version = commit === newest.commit ? newest : await versions.read(commit);
    // A cluster that has had a kind keeps it: its definition is not of the sets.
    for (const one of version?.kinds ?? []) kinds.set(`${one.group}/${one.kind}`, one);
    emulator.has([...kinds.values()]);
    return version;
  };
  const [first, ...later] = commits;
  const oldest = await next(first ?? '');
  if (oldest === undefined) throw new Error(`${first} cannot be read`);
  const servers = [emulator.pid];
  const begun = await once('history-first', publishedFleet(oldest, clusters), size, { servers, strict: false });
  show({ ...begun, commit: oldest.commit, sets: oldest.sets.length, deletions: 0 });
  await kept(publishedFleet(oldest, clusters), size, async (runner, settled) => {
    for (const commit of later) {
      const version = await next(commit);
      if (version === undefined) continue;
      const done = settled(clusters.length);
      const turn = (): Promise<void> => {
        runner.update(publishedFleet(version, clusters));
        return done;
      };
      const figures = await measured('history', runner, turn, servers);
      const changes = [...runner.records.values()].flatMap(({ result }) => result?.changes ?? []);
      const deletions = changes.filter(({ action }) => action === 'delete').length;
      show({ ...figures, commit, sets: version.sets.length, deletions });
    }
  });
}
