// Runs a command inside a container, as `docker exec` does.

import type { DockerClient } from './client.ts';
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
  const { Id } = await engine.json<{ Id: string }>({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/exec`,
    body: { AttachStdout: true, AttachStderr: true, Cmd: command },
    signal,
  });
  const answer = await engine.stream({
    method: 'POST',
    path: `/exec/${Id}/start`,
    body: { Detach: false, Tty: false },
    signal,
    timeoutMs: 0,
  });
  const chunks: Buffer[] = [];
  let kept = 0;
  // What is too much is read all the same: the command would be held up otherwise.
  for await (const chunk of containerOutput(answer)) {
    if (kept < OUTPUT_MAX) chunks.push(chunk.subarray(0, OUTPUT_MAX - kept));
    kept += chunk.length;
  }
  const { ExitCode } = await engine.json<{ ExitCode: number | null }>({ path: `/exec/${Id}/json`, signal });
  return { exitCode: ExitCode ?? -1, output: Buffer.concat(chunks).toString('utf8') };
}
