// Files that go into a container as the tar archive that the engine's API takes, without being held in memory.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { DockerClient } from './client.ts';
import { TAR_BLOCK as BLOCK, tarHeader, tarPadding } from '../host/files/tar-header.ts';
import { Upload } from './body.ts';

/**
 * Puts a file into a folder of a container, running or not.
 * @param name that it gets there
 * @throws DockerError where there is no such container or folder; what reading the file throws
 */
export async function putContainerFile(
  engine: DockerClient,
  id: string,
  { file, folder, name }: { file: string; folder: string; name: string },
  signal?: AbortSignal,
): Promise<void> {
  const { size: bytes } = await stat(file);
  const content = createReadStream(file, { signal });
  await putContainerContent(engine, id, { content, bytes, folder, name }, signal);
}

/** The same for content of known length, as it comes. @throws DockerError where there is no such container or folder */
export async function putContainerContent(
  engine: DockerClient,
  id: string,
  file: { content: AsyncIterable<Buffer>; bytes: number; folder: string; name: string },
  signal?: AbortSignal,
): Promise<void> {
  const { content, bytes, folder, name } = file;
  const padding = tarPadding(bytes);
  async function* archive(): AsyncGenerator<Buffer, void, undefined> {
    yield tarHeader(name, bytes, Math.floor(Date.now() / 1000));
    yield* content;
    // Two empty blocks are the end.
    yield Buffer.alloc(padding + 2 * BLOCK);
  }
  const whole = { content: archive(), bytes: BLOCK + bytes + padding + 2 * BLOCK, folder };
  await putContainerArchive(engine, id, whole, signal);
}

/** Unpacks a tar archive of known length in a folder of a container. @throws DockerError where there is none of either */
export async function putContainerArchive(
  engine: DockerClient,
  id: string,
  { content, bytes, folder }: { content: AsyncIterable<Buffer>; bytes: number; folder: string },
  signal?: AbortSignal,
): Promise<void> {
  await engine.json({
    method: 'PUT',
    path: `/containers/${encodeURIComponent(id)}/archive`,
    query: { path: folder },
    body: new Upload(Readable.from(content, { objectMode: false }), bytes),
    signal,
    timeoutMs: 0,
  });
}
