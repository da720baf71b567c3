// The names that a shell offers and only this machine knows: clusters, contexts, snapshots, tasks.

import { UsageError } from '../../../base/errors.ts';
import { harmless } from '../../../base/terminal-text.ts';
import type { Io, NamesKind } from '../../command.ts';

interface Named {
  name: string;
  what?: string | undefined;
}

/** ms after which a list is left out rather than waited for: a person has pressed a key. */
const PATIENCE_MS = 1_500;

type Find = (words: readonly string[], io: Io, patience: Patience) => Promise<Named[]>;

const FINDERS: Readonly<Record<NamesKind, Find>> = { clusters, contexts, snapshots, tasks };

/**
 * Prints the names of a kind, one a line, each with what it is behind a tab.
 * What cannot be read has no names: an error would be written into the line that is being typed.
 * @param words of the line that is completed, from the command on.
 */
export async function runNames(kind: string, words: readonly string[], io: Io): Promise<number> {
  if (!Object.hasOwn(FINDERS, kind)) throw new UsageError(`--names must be one of ${Object.keys(FINDERS).join(', ')}`);
  const patience = new Patience();
  const named = await FINDERS[kind as NamesKind](words, io, patience).catch((): Named[] => []);
  const lines = named
    // A name that is not shown as it is cannot be typed either.
    .filter(({ name }) => name !== '' && !/[\t\n]/.test(name) && harmless(name) === name)
    .map(({ name, what = '' }) => `${name}${what === '' ? '' : `\t${harmless(what).replace(/\s+/g, ' ').trim()}`}\n`);
  await new Promise((written) => io.stdout.write(lines.join(''), written));
  // What does not answer would keep the process.
  if (patience.lost) process.exit(0);
  return 0;
}

/** Waits for lists of others; one that cannot be had, or not soon, is empty. */
class Patience {
  lost = false;

  async or(list: Promise<Named[]>): Promise<Named[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((done) => (timer = setTimeout(done, PATIENCE_MS, undefined)));
    const found = await Promise.race([list.catch((): Named[] => []), late]);
    clearTimeout(timer);
    this.lost ||= found === undefined;
    return found ?? [];
  }
}

async function clusters(_words: readonly string[], io: Io, patience: Patience): Promise<Named[]> {
  const { clusterProviders } = await import('../../../context.ts');
  const { realWiring } = await import('../../../wiring.ts');
  const wiring = realWiring(io.env, io.cwd);
  const lists = await Promise.all(
    clusterProviders.map(async (kind) => {
      const provider = await wiring.provider(kind);
      return patience.or(provider.list().then((names) => names.map((name) => ({ name, what: kind }))));
    }),
  );
  const all = new Map(lists.flat().map((one) => [one.name, one]));
  return [...all.values()];
}

async function contexts(words: readonly string[], { env }: Io): Promise<Named[]> {
  const { kubeconfigPaths } = await import('../../../kube/kubeconfig/kubeconfig.ts');
  const { readMerged } = await import('../../../kube/kubeconfig/load.ts');
  // What is wrong with an entry or a file is no reason to keep the others back.
  const { contexts: found } = (await readMerged(kubeconfigPaths(env, lastOf(words, ['--kubeconfig'])))).merged;
  return [...found].map(([name, { value }]) => ({
    name,
    what: textOf((value as { cluster?: unknown } | null)?.cluster),
  }));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

async function snapshots(_words: readonly string[], { env }: Io): Promise<Named[]> {
  const { stateHome } = await import('../../../host/paths.ts');
  const { SnapshotStore } = await import('../../../providers/snapshots/store.ts');
  const { snapshots: found } = await new SnapshotStore(stateHome(env)).list();
  return found.map(({ name, cluster, kubernetes }) => ({ name, what: `of ${cluster}, Kubernetes ${kubernetes}` }));
}

/** Those of remote includes as far as the cache has them. */
async function tasks(words: readonly string[], { env, cwd, signal }: Io): Promise<Named[]> {
  const { openProgram } = await import('../../../tasks/run-tasks.ts');
  const { listTasks } = await import('../../../tasks/plan/list.ts');
  const { readMaruConfig } = await import('../../../tasks/includes/maru-config.ts');
  const { cacheHome } = await import('../../../host/paths.ts');
  const nothing = (): void => undefined;
  const { program } = await openProgram({
    ...{ env, cwd, signal, set: new Map(), cacheHome: cacheHome(env), say: nothing, offline: true },
    file: lastOf(words, ['--file', '-f']) ?? 'tasks.yaml',
    config: await readMaruConfig(env, cwd),
  });
  const lists = await listTasks(program, true, nothing);
  return lists.flatMap(({ prefix, tasks: listed }) =>
    listed.map(({ name, description }) => ({ name: prefix + name, what: description })),
  );
}

/** The value that a flag has in a line: `--file X`, `--file=X` or `-f X`. */
function lastOf(words: readonly string[], flags: readonly string[]): string | undefined {
  const values = words.flatMap((word, i) => {
    const long = flags.find((flag) => word.startsWith(`${flag}=`));
    if (long !== undefined) return [word.slice(long.length + 1)];
    return flags.includes(words[i - 1] ?? '') ? [word] : [];
  });
  return values.filter((value) => value !== '').at(-1);
}
