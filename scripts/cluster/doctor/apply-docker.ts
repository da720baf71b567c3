// Merges the caches and the parallel downloads into Docker's daemon.json, and has dockerd take them over.

import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../host/files/make-folder.ts';
import { readTextBounded } from '../../host/files/bounded.ts';
import { HoistError, UsageError, isErrno } from '../../base/errors.ts';
import { DOWNLOADS, mergeDaemonJson, MIRRORS, sameMirror } from '../../docker/daemon/daemon-json.ts';
import { type Dockerd, findDockerd, flagOf, reload } from '../../docker/daemon/dockerd.ts';
import { isLocal } from '../../docker/endpoint.ts';
import { DockerUnreachableError } from '../../docker/docker-errors.ts';
import { type EngineInfo, engineInfo } from '../../docker/info.ts';
import { type DockerSession, machineOf } from '../../docker/session.ts';
import { writeAtomic } from '../../host/files/files.ts';
import { withLock } from '../../host/lock.ts';
import { poolsOf } from '../../plan/plan.ts';
import { hostMirror } from '../../providers/k3d/caches/host-mirror.ts';
import type { Settings } from '../../settings/schema.ts';
import type { ClusterContext } from '../../context.ts';

/** ms in which dockerd takes a changed file over: milliseconds were seen. */
const RELOAD_MS = 3_000;
const LOOK_MS = 50;

export interface ApplyOptions {
  /** Path of daemon.json; defaults to that of the running dockerd. */
  file: string | undefined;
  pidFile: string | undefined;
  signal: AbortSignal;
}

export interface Applied {
  file: string;
  /** What was changed, one sentence each; none where all was there already. */
  changes: readonly string[];
  /** What was not done, and why. */
  left: readonly string[];
  /** The file as it was; undefined where there was none, or nothing was changed. */
  backup: string | undefined;
  /** The process that has taken it over; undefined where nothing had to be. */
  reloaded: number | undefined;
  /** Why the running engine does not know of it yet. */
  pending: string | undefined;
}

/**
 * @throws ConfigError where the file is no JSON, which is left as it is then; UsageError where it is not on this machine;
 * HoistError where it cannot be written.
 */
export async function applyDocker(settings: Settings, options: ApplyOptions, wiring: ClusterContext): Promise<Applied> {
  const session = await wiring.docker();
  if ('why' in session) throw new DockerUnreachableError(session.why, { hint: session.hint });
  assertOurs(session, options);
  const lock = join(wiring.stateHome, 'locks', 'docker-daemon.lock');
  return withLock(lock, { signal: options.signal }, () => apply(settings, session, options, wiring));
}

async function apply(
  settings: Settings,
  session: DockerSession,
  options: ApplyOptions,
  { env, stateHome, now }: ClusterContext,
): Promise<Applied> {
  const usual = usualPlaces(session.info, env);
  const dockerd = await findDockerd(options.pidFile ?? usual.pidFile);
  const running = 'pid' in dockerd ? dockerd : undefined;
  const file = options.file ?? (running && flagOf(running, '--config-file')) ?? usual.file;
  const memory = join(stateHome, 'docker-mirrors.json');
  const [text, mirror, remembered] = await Promise.all([readText(file), hostMirror(session.engine), recall(memory)]);
  const merge = mergeDaemonJson(text, file, {
    mirror,
    formerMirror: remembered[file],
    downloads: poolsOf(settings, machineOf(session.info)).download,
    onCommandLine: running ? keysOnCommandLine(running) : [],
  });
  const { changes, left } = merge;
  let backup: string | undefined;
  if (changes.length > 0) {
    backup = text === undefined ? undefined : `${file}.${now().toISOString().replace(/[:.]/g, '-')}.backup`;
    await write(file, merge.text, backup);
    if (mirror !== undefined) await writeAtomic(memory, `${JSON.stringify({ ...remembered, [file]: mirror })}\n`);
  }
  const wanted = left.some((text) => text.startsWith(MIRRORS)) ? undefined : mirror;
  if (changes.length === 0 && (await knows(session, wanted))) {
    return { file, changes, left, backup, reloaded: undefined, pending: undefined };
  }
  const why = 'why' in dockerd ? dockerd.why : reload(dockerd);
  const pending = why ?? ((await takesOver(session, wanted)) ? undefined : 'the engine does not show it; see its log');
  return { file, changes, left, backup, reloaded: pending === undefined ? running?.pid : undefined, pending };
}

/** A file that is named is meant, wherever the engine runs. */
function assertOurs({ endpoint, info }: DockerSession, { file }: ApplyOptions): void {
  if (file !== undefined) return;
  if (!isLocal(endpoint)) {
    throw new UsageError(`the engine at ${endpoint.host} runs on another machine, and its daemon.json is there`, {
      hint: 'Run hoist on that machine.',
    });
  }
  if (info.operatingSystem.includes('Docker Desktop')) {
    throw new UsageError('Docker Desktop keeps its settings itself', {
      hint: 'Change them under Settings, Docker Engine; or name its file with --daemon-json and restart it.',
    });
  }
}

function usualPlaces({ rootless }: EngineInfo, env: ClusterContext['env']): { file: string; pidFile: string } {
  if (!rootless) return { file: '/etc/docker/daemon.json', pidFile: '/var/run/docker.pid' };
  const config = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config');
  const runtime = env['XDG_RUNTIME_DIR'] ?? '/run';
  return { file: join(config, 'docker/daemon.json'), pidFile: join(runtime, 'docker.pid') };
}

function keysOnCommandLine(dockerd: Dockerd): string[] {
  const flags: Record<string, string> = { [MIRRORS]: '--registry-mirror', [DOWNLOADS]: '--max-concurrent-downloads' };
  return Object.keys(flags).filter((key) => flagOf(dockerd, flags[key] ?? '') !== undefined);
}

async function write(file: string, text: string, backup: string | undefined): Promise<void> {
  try {
    await makeFolder(dirname(file));
    if (backup !== undefined) await copyFile(file, backup, constants.COPYFILE_EXCL);
    await writeAtomic(file, text, backup === undefined ? { mode: 0o644 } : {});
  } catch (error) {
    if (!isErrno(error, 'EACCES') && !isErrno(error, 'EROFS') && !isErrno(error, 'EPERM')) throw error;
    throw new HoistError(`${file} cannot be written by this user`, {
      hint: 'Run it as the user whose file it is: `sudo -E npx hoist doctor --apply docker`.',
      cause: error,
    });
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readTextBounded(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The mirror that was put into each daemon.json last. */
async function recall(memory: string): Promise<Record<string, string>> {
  const text = await readTextBounded(memory).catch(() => '{}');
  return JSON.parse(text) as Record<string, string>;
}

async function takesOver(session: DockerSession, mirror: string | undefined): Promise<boolean> {
  for (let waited = 0; waited < RELOAD_MS; waited += LOOK_MS) {
    if (await knows(session, mirror)) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

/** The engine reports only mirrors. */
async function knows({ engine }: DockerSession, mirror: string | undefined): Promise<boolean> {
  if (mirror === undefined) return true;
  return (await engineInfo(engine)).registryMirrors.some((one) => sameMirror(one, mirror));
}
