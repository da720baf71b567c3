// What `up` keeps when it fails: a small support bundle, of what the cluster, its logs and this machine say by then.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../host/files/make-folder.ts';
import { messageOf } from '../../../base/errors.ts';
import { secretsOf } from '../../../cluster/record/run-content.ts';
import type { Prepared } from '../../../cluster/prepare-cluster.ts';
import type { ClusterContext } from '../../../context.ts';
import { StepsFailedError } from '../../../engine/errors.ts';
import type { RunRecord } from '../../../engine/event.ts';
import { tail } from '../../../host/daemon.ts';
import type { Io } from '../../command.ts';

/** ms for all of it: the user waits. */
const MOST_MS = 8_000;
const MOST_LOGS = 40;
/** Of each log, at most 64 KiB. */
const LOG_LINES = 2_000;

interface FailedRun {
  io: Io;
  context: ClusterContext;
  say: (line: string) => void;
}

/** The file; undefined where steps did not fail, or where it cannot be written, which is only said. */
export async function keepBundle(
  prepared: Prepared,
  { run, error }: { run: RunRecord; error: unknown },
  { io, context, say }: FailedRun,
): Promise<string | undefined> {
  if (!(error instanceof StepsFailedError) || io.signal.aborted) return undefined;
  try {
    return await write(prepared, { run, error }, { io, context });
  } catch (cause) {
    say(`warning: the support bundle of this run could not be written: ${messageOf(cause)}`);
    return undefined;
  }
}

/** One for each cluster: the newest. */
async function write(
  prepared: Prepared,
  { run, error }: { run: RunRecord; error: StepsFailedError },
  { io, context }: Omit<FailedRun, 'say'>,
): Promise<string> {
  const { makeOwnBundle } = await import('./own-bundle.ts');
  const { plan, logDir } = prepared;
  const { name } = plan.cluster;
  const provider = await context.provider(plan.cluster.provider);
  const kubeconfig = provider.kubeconfigFile(name);
  const file = join(logDir, `failed-${name}.tar.gz`);
  await makeFolder(logDir);
  const failures = error.errors.map(({ step, message, lastOutput, hint }) => ({ step, message, lastOutput, hint }));
  const story = JSON.stringify({ error: error.message, failures, run }, null, 2);
  const logs = await newestLogs(provider.logsFolder?.(name));
  await makeOwnBundle(
    {
      file,
      kubeconfig: (await exists(kubeconfig)) ? kubeconfig : undefined,
      stateHome: context.stateHome,
      secrets: secretsOf(prepared),
      extra: [{ path: 'execution-data/up.json', content: Buffer.from(story) }, ...logs],
      timeoutMs: MOST_MS,
    },
    { context, signal: io.signal },
  );
  return file;
}

/** The ends of the logs that were written last, as files of a bundle. */
async function newestLogs(folder: string | undefined): Promise<{ path: string; content: Buffer }[]> {
  if (folder === undefined) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path, writtenMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
  );
  const newest = files.sort((a, b) => b.writtenMs - a.writtenMs).slice(0, MOST_LOGS);
  return Promise.all(
    newest.map(async ({ path }) => ({
      path: `host-collectors/cluster-logs${path.slice(folder.length)}`,
      content: Buffer.from((await tail(path, LOG_LINES)).map((line) => `${line}\n`).join('')),
    })),
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
