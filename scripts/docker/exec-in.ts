// Runs a command inside a container, as `docker exec` does.

import type { DockerClient } from './client.ts';
import { DockerError } from './docker-errors.ts';
import { containerOutput } from './streams.ts';

export interface ContainerExecResult {
  exitCode: number;
  /** stdout and stderr together, at most 16 MiB of them. */
  output: string;
}

/** Bytes of output that are kept; the images of a node are listed in far less. */
const OUTPUT_MAX = 16 * 2 ** 20;

/** Resolves with the command's output, however it ended. @throws DockerError where it cannot be run at all. */
export async function execInContainer(
  engine: DockerClient,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<ContainerExecResult> {
  const exec = await start(engine, id, { command, stderr: true }, signal);
  const chunks: Buffer[] = [];
  let kept = 0;
  // What is too much is read all the same: the command would be held up otherwise.
  for await (const chunk of exec.output) {
    if (kept < OUTPUT_MAX) chunks.push(chunk.subarray(0, OUTPUT_MAX - kept));
    kept += chunk.length;
  }
  return { exitCode: await exec.exitCode(), output: Buffer.concat(chunks).toString('utf8') };
}

/**
 * What a command in a container writes to stdout, as it comes.
 * @throws DockerError at the end where it failed
 */
export async function* outputOfContainer(
  engine: DockerClient,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const exec = await start(engine, id, { command, stderr: false }, signal);
  yield* exec.output;
  const code = await exec.exitCode();
  if (code !== 0) throw new DockerError(`${command.slice(0, 4).join(' ')} ended with ${code} in the container`, 500);
}

/** Starts a command in a container and leaves it running there. @throws DockerError where it cannot be started */
export async function startInContainer(
  engine: DockerClient,
  id: string,
  command: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const exec = await create(engine, id, { Cmd: command }, signal);
  await engine.json({ method: 'POST', path: `/exec/${exec}/start`, body: { Detach: true, Tty: false }, signal });
}

async function create(
  engine: DockerClient,
  id: string,
  body: object,
  signal: AbortSignal | undefined,
): Promise<string> {
  const path = `/containers/${encodeURIComponent(id)}/exec`;
  return (await engine.json<{ Id: string }>({ method: 'POST', path, body, signal })).Id;
}

interface StartedExec {
  output: AsyncGenerator<Buffer, void, undefined>;
  /** -1 where the engine does not say. */
  exitCode: () => Promise<number>;
}

async function start(
  engine: DockerClient,
  id: string,
  { command, stderr }: { command: readonly string[]; stderr: boolean },
  signal: AbortSignal | undefined,
): Promise<StartedExec> {
  const exec = await create(engine, id, { AttachStdout: true, AttachStderr: stderr, Cmd: command }, signal);
  const answer = await engine.stream({
    method: 'POST',
    path: `/exec/${exec}/start`,
    body: { Detach: false, Tty: false },
    signal,
    timeoutMs: 0,
  });
  return {
    output: containerOutput(answer),
    async exitCode() {
      const { ExitCode } = await engine.json<{ ExitCode: number | null }>({ path: `/exec/${exec}/json`, signal });
      return ExitCode ?? -1;
    },
  };
}
